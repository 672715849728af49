import type { Behaviour, HealthVerdict, OneOff, Process, SimImage } from './image.js';
import { simImage } from './image.js';
import { apiAnswer } from './kolla-api.js';
import { unfitFor } from './kolla-config.js';
import type { KollaContainer } from './kolla-shape.js';

/**
 * `never-healthy`: the API starts and never becomes well. `cannot-start`: the engine cannot run the API's image.
 * `exits`: the API ends after a moment. `flaps`: two looks in three are well. `migration-fails`: its schema step ends with 1.
 * `lies`: the API's health check is well and no client's request works.
 */
export type ReleaseKind =
  | 'good'
  | 'never-healthy'
  | 'cannot-start'
  | 'exits'
  | 'flaps'
  | 'migration-fails'
  | 'lies';

export type KollaRelease = {
  /** Release id as in the catalogue (`2025.1`). */
  readonly id: string;
  /** Default: the id. */
  readonly tag?: string;
  readonly kind?: ReleaseKind;
  /** Milliseconds from the start until it is well. */
  readonly readyAfterMs?: number;
  readonly stopsAfterMs?: number;
  readonly migrationMs?: number;
  /** Container whose image is not `good`; default: the API. */
  readonly wrong?: string;
  /** Distinguishes a newer build under the same tag. */
  readonly build?: string;
};

/** The revision that a release's schema step reaches. */
export const revisionOf = (service: string, release: string): string => `${service}-${release}`;

type Act = 'schema' | 'online' | 'contract';

/** What Kolla's extend_start.sh does for which variable; its mere presence counts. */
const ACTS: Record<string, Record<string, Act>> = {
  keystone: { KOLLA_BOOTSTRAP: 'schema', KOLLA_UPGRADE: 'schema', KOLLA_FINISH_UPGRADE: 'contract' },
  glance: { KOLLA_BOOTSTRAP: 'schema', KOLLA_UPGRADE: 'schema' },
  placement: { KOLLA_BOOTSTRAP: 'schema', KOLLA_UPGRADE: 'schema', KOLLA_OSM: 'online' },
  cinder: { KOLLA_BOOTSTRAP: 'schema', KOLLA_OSM: 'online' },
};

/** What the image is made with. `known` are the releases whose revisions it can read: its own and older ones. */
type Making = {
  readonly entry: KollaContainer;
  readonly release: KollaRelease;
  readonly known: readonly string[];
  /** Whether it copies a configuration at its start. */
  readonly configs?: boolean;
  /** False while something outside the image makes it ill: its database, its neighbours, the host. */
  readonly weather?: ((process: Process) => boolean) | undefined;
};

const reads = ({ entry, known }: Making, revision: string | undefined): boolean =>
  revision === undefined || known.some((id) => revisionOf(entry.service, id) === revision);

/** alembic's own sentence, when an old image meets a newer schema. */
const cannotLocate = (revision: string): OneOff => ({
  exitCode: 1,
  log: `ERROR alembic.util.messaging Can't locate revision identified by '${revision}'`,
});

const migrate = (making: Making, act: Act, process: Process): OneOff => {
  const { entry, release } = making;
  const { database } = process;
  const revision = revisionOf(entry.service, release.id);
  const took = release.migrationMs === undefined ? {} : { tookMs: release.migrationMs };
  const now = database.get(entry.service);
  if (!reads(making, now)) return cannotLocate(now ?? '');
  if (release.kind === 'migration-fails')
    return {
      exitCode: 1,
      log: `INFO Running upgrade ${now ?? '<base>'} -> ${revision}\nERROR (1060, "Duplicate column name 'extra'")`,
      ...took,
    };
  if (act === 'schema') {
    database.set(entry.service, revision);
    return {
      exitCode: 0,
      log: `INFO Context impl MySQLImpl.\nINFO Running upgrade ${now ?? '<base>'} -> ${revision}`,
      ...took,
    };
  }
  database.set(`${entry.service} ${act}`, revision);
  return { exitCode: 0, log: `INFO ${act} migrations of ${revision} complete`, ...took };
};

/** After the contract step of a newer release the old code no longer finds its columns. */
const verdictOf = (making: Making, kind: ReleaseKind): HealthVerdict => {
  if (kind === 'never-healthy') return 'never';
  const { entry, release } = making;
  const ready = release.readyAfterMs ?? 0;
  return (upMs, process) =>
    upMs >= ready &&
    (making.weather?.(process) ?? true) &&
    reads(making, process.database.get(`${entry.service} contract`)) &&
    (kind !== 'flaps' || process.looks % 3 !== 2);
};

const isRevision = (command: readonly string[]): boolean =>
  /(-manage db version|keystone-manage db_version)$/.test(command.join(' '));

const behaviourOf = (making: Making): Behaviour => {
  const { entry, release } = making;
  const isWrong = release.wrong === undefined ? entry.port !== undefined : release.wrong === entry.name;
  const kind = isWrong ? (release.kind ?? 'good') : 'good';
  const acts = entry.port === undefined ? {} : (ACTS[entry.service] ?? {});
  return {
    healthy: verdictOf(making, kind),
    says: [`${entry.name} of ${release.id} starts`],
    ...(making.configs ? { unfit: unfitFor(release.id) } : {}),
    ...(entry.port === undefined
      ? {}
      : {
          listens: (process: Process) => Number(process.env.SIM_PORT ?? entry.port),
          http: apiAnswer(entry, kind === 'lies'),
        }),
    ...(kind === 'cannot-start'
      ? {
          startError:
            'OCI runtime create failed: exec: "dumb-init": executable file not found in $PATH: unknown',
        }
      : {}),
    ...(kind === 'exits' ? { exitsAfterMs: release.readyAfterMs ?? 0, exitCode: 1 } : {}),
    ...(release.stopsAfterMs === undefined ? {} : { stopsAfterMs: release.stopsAfterMs }),
    oneOff: (process) => {
      const act = Object.entries(acts).find(([name]) => name in process.env)?.[1];
      return act && migrate({ ...making, release: { ...release, kind } }, act, process);
    },
    exec: (command, process) =>
      isRevision(command)
        ? { exitCode: 0, output: `${process.database.get(entry.service) ?? 'none'}\n` }
        : undefined,
  };
};

/** An image as kolla-build makes it: its entrypoint, labels and environment (kolla docker/base). */
export const kollaImage = (making: Making): SimImage => {
  const { entry, release } = making;
  const tag = release.tag ?? release.id;
  return simImage(`${entry.image} ${tag} ${release.build ?? ''}`, {
    config: {
      Entrypoint: ['dumb-init', '--single-child', '--'],
      Cmd: ['kolla_start'],
      User: entry.service,
      Env: [
        'PATH=/var/lib/kolla/venv/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        'LANG=en_US.UTF-8',
        'KOLLA_BASE_DISTRO=ubuntu',
        `KOLLA_BUILD=${tag}`,
      ],
      Labels: {
        maintainer: 'Kolla',
        name: entry.image,
        kolla_version: release.id,
        'build-date': `2026${release.build ?? '0101'}`,
      },
    },
    behaviour: behaviourOf(making),
  });
};
