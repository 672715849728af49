import { SERVICES } from '../../catalogue/index.js';
import type { Service } from '../../catalogue/service.js';

/** Containers that the demo leaves out of the catalogue's services, as a small Kolla installation does. */
const NOT_HERE = ['keystone_ssh', 'keystone_fernet', 'keystone_httpd', 'cinder_backup'];

/** The services of the demo: a part of the catalogue, which may know more. */
const NAMES = ['keystone', 'glance', 'placement', 'cinder'];

export const DEMO_SERVICES: readonly Service[] = SERVICES.filter((service) => NAMES.includes(service.name));

export type DemoContainer = {
  /** Kolla's name, without the prefix. */
  readonly name: string;
  readonly image: string;
  /** What it runs; also the name of its process. */
  readonly program: string;
  /** Absent for the message bus, which is no OpenStack service and in no catalogue. */
  readonly service?: Service;
  readonly isApi: boolean;
};

const ofService = (service: Service): DemoContainer[] =>
  service.containers
    .filter(({ name }) => !NOT_HERE.includes(name))
    .map(({ name, image }) => ({
      name,
      image,
      program: image,
      service,
      isApi: name === service.api.container,
    }));

export const BUS: DemoContainer = { name: 'rabbitmq', image: 'rabbitmq', program: 'rabbitmq', isApi: false };

export const DEMO_CONTAINERS: readonly DemoContainer[] = [BUS, ...DEMO_SERVICES.flatMap(ofService)];

export type DemoRelease = {
  readonly release: string;
  readonly tag: string;
  /** As Kolla's label `kolla_version`. */
  readonly kolla: string;
  readonly broken: boolean;
};

/** What runs, a newer build of it, a good next release, and one whose API never becomes healthy. */
export const DEMO_RELEASES = {
  running: { release: '2025.1', tag: '2025.1-demo', kolla: '20.0.0', broken: false },
  rebuilt: { release: '2025.1', tag: '2025.1-demo.1', kolla: '20.1.0', broken: false },
  good: { release: '2025.2', tag: '2025.2-demo', kolla: '21.0.0', broken: false },
  broken: { release: '2026.1', tag: '2026.1-demo', kolla: '22.0.0', broken: true },
} as const satisfies Record<string, DemoRelease>;

/** The message bus has one release of its own. */
export const BUS_RELEASE: DemoRelease = { release: '4.1', tag: '4.1-demo', kolla: '20.0.0', broken: false };

export const serviceNames = (): string[] => DEMO_SERVICES.map((service) => service.name);
