import { SERVICES } from '../../catalogue/index.js';
import type { CatalogueContainer, Service } from '../../catalogue/service.js';
import { type ContainerInspect, nameOf } from '../../engine/inspect.js';
import { looksLikeKolla } from '../../plan/observe.js';
import type { HostUnderCheck } from './check.js';

export type Catalogued = {
  readonly name: string;
  readonly container: ContainerInspect;
  readonly service: Service;
  readonly entry: CatalogueContainer;
};

/** Containers that a run may swap: those of the catalogue, by their full name. Others are nobody's business here. */
export const catalogued = ({
  host,
  containers,
}: Pick<HostUnderCheck, 'host' | 'containers'>): readonly Catalogued[] =>
  SERVICES.flatMap((service) =>
    service.containers.flatMap((entry) => {
      const name = `${host.container_prefix}${entry.name}`;
      const container = containers.find((one) => nameOf(one) === name);
      return container ? [{ name, container, service, entry }] : [];
    }),
  );

/** Those that look as if kolla-ansible had made them: a unit may own them, and their configuration lies on the host. */
export const kollaShaped = (host: Pick<HostUnderCheck, 'host' | 'containers'>): readonly Catalogued[] =>
  catalogued(host).filter(({ container }) => looksLikeKolla(container));
