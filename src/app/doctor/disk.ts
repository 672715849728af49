import type { ContainerInspect } from '../../engine/inspect.js';
import { freeBytesOf } from '../../plan/observe.js';
import { type HostCheck, type HostUnderCheck, know, mend, well } from './check.js';
import { catalogued } from './kolla-containers.js';

const GIB = 1024 ** 3;

/** Some images have no df; a few others on the same store are asked then. */
const TRIES = 3;

const where = (dataRoot: string | undefined): string => dataRoot ?? 'where its images lie';

/** Kolla's images have df; a stranger's may not. */
const knownFirst = (seen: HostUnderCheck): readonly ContainerInspect[] => {
  const known = catalogued(seen).map(({ container }) => container);
  return [...known, ...seen.containers.filter((container) => !known.includes(container))];
};

export const disk: HostCheck = async (seen) => {
  const { engine, info, workshop } = seen;
  const wanted = workshop.config.disk_free.gigabytes;
  const running = knownFirst(seen)
    .filter(({ State }) => State.Status === 'running')
    .slice(0, TRIES);
  for (const { Id } of running) {
    const free = await freeBytesOf(engine, Id);
    if (free === null) continue;
    const gigabytes = `${(free / GIB).toFixed(1)} GiB are free (${where(info.dataRoot)})`;
    return [
      free >= wanted * GIB
        ? well('disk', `${gigabytes}; ${wanted} GiB are wanted.`)
        : mend('disk', {
            what: `${gigabytes}, and ${wanted} GiB are wanted for new images.`,
            why: 'A pull that fills the disk stops every service on the host, and a plan with a pull is refused.',
            wayOut: 'Free some space (`docker system df` shows what takes it), or lower disk_free.',
          }),
    ];
  }
  return [
    know('disk', {
      what:
        running.length === 0
          ? 'Free space is unknown: no container runs in which df could be asked.'
          : 'Free space is unknown: df could not be run in a container.',
      why: 'A pull could fill the disk without a warning before.',
      wayOut: `Look with \`df -h ${info.dataRoot ?? '/var/lib/docker'}\` on the host.`,
    }),
  ];
};
