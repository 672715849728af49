import { hash } from 'node:crypto';
import type { ExecResult } from '../engine/port.js';
import type { HaproxyConfig } from './haproxy.js';
import type { SimHost } from './world.js';

export const hex64 = (seed: string): string => hash('sha256', seed);

/** What the program inside a container can see of its world. */
export type Process = {
  readonly host: string;
  readonly address: string;
  readonly container: string;
  readonly id: string;
  readonly env: Readonly<Partial<Record<string, string>>>;
  /** Entrypoint and command, as one line of words. */
  readonly command: readonly string[];
  readonly labels: Readonly<Partial<Record<string, string>>>;
  /** Milliseconds since its last start. */
  readonly upMs: number;
  /** How often its health was judged before; lets a verdict change between two looks at the same moment. */
  readonly looks: number;
  /** Mounted volumes by destination; a volume's content is a map from file to text. */
  readonly volumes: () => ReadonlyMap<string, Map<string, string>>;
  /** The cloud's one database: schema revisions and whatever else outlives containers and is seen from every host. */
  readonly database: Map<string, string>;
};

export type HealthVerdict = 'always' | 'never' | 'flaps' | ((upMs: number, process: Process) => boolean);

export type OneOff = { readonly exitCode: number; readonly log: string; readonly tookMs?: number };

/** How the program in an image behaves; all of it is data or pure functions of what the process sees. */
export type Behaviour = {
  /** Verdict of its HEALTHCHECK, and of its HTTP health path. `flaps` is well two looks out of three. Default: always. */
  readonly healthy?: HealthVerdict;
  /** Ends by itself this long after each start. */
  readonly exitsAfterMs?: number;
  readonly exitCode?: number;
  /** The engine itself cannot start it (no such executable). */
  readonly startError?: string;
  /** TCP port it binds. On the host's network a second one ends at once with code 1. */
  readonly listens?: number | ((process: Process) => number | undefined);
  /** What its port answers; `undefined` is answered by 404. Default: a version on `/`, health on `/healthcheck`. */
  readonly http?: (path: string, process: Process, well: boolean) => HttpAnswer | undefined;
  /** Commands it knows beyond its health check and `df`; `undefined` is "no such executable". */
  readonly exec?: (
    command: readonly string[],
    process: Process,
  ) => (ExecResult & { readonly tookMs?: number }) | undefined;
  /** It is a HAProxy in front of these hosts. */
  readonly balancer?: { readonly config: HaproxyConfig; readonly hosts: () => readonly SimHost[] };
  /** Acts instead of serving when it answers: a migration container, which ends by itself. */
  readonly oneOff?: (process: Process) => OneOff | undefined;
  /** What it says when the configuration that it copies at each start does not fit: it ends with code 1 then. */
  readonly unfit?: (textOf: (path: string) => string | undefined) => string | undefined;
  /** Time that SIGTERM needs; beyond the grace it is killed (137). */
  readonly stopsAfterMs?: number;
  /** Lines written at each start. */
  readonly says?: readonly string[];
};

export type HttpAnswer = { readonly status: number; readonly body: string };

/** The parts of an image's Config that Docker merges into a container's. */
export type ImageConfig = {
  readonly User?: string;
  readonly Env?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Labels?: Readonly<Record<string, string>>;
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly WorkingDir?: string;
  readonly StopSignal?: string;
  readonly Healthcheck?: Readonly<Record<string, unknown>>;
};

export type SimImage = {
  /** `sha256:…`, the image's own id. */
  readonly id: string;
  /** The manifest's digest in a registry, which is not the id. */
  readonly digest: string;
  readonly config: ImageConfig;
  readonly behaviour: Behaviour;
  readonly sizeBytes: number;
  /** Files that a new anonymous volume at a path of `config.Volumes` starts with. */
  readonly files: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

/** `seed` stands for the image's content: the same seed is the same id and digest. */
export const simImage = (
  seed: string,
  parts: { config?: ImageConfig; behaviour?: Behaviour; sizeBytes?: number; files?: SimImage['files'] } = {},
): SimImage => ({
  id: `sha256:${hex64(`image ${seed}`)}`,
  digest: `sha256:${hex64(`manifest ${seed}`)}`,
  config: { Cmd: ['serve'], ...parts.config },
  behaviour: parts.behaviour ?? {},
  sizeBytes: parts.sizeBytes ?? 600_000_000,
  files: parts.files ?? {},
});

/** `repo` and `tag` of a reference; Docker's default tag is `latest`, and a port is not a tag. */
export const splitRef = (ref: string): { repo: string; tag: string; digest?: string } => {
  const [name = ref, digest] = ref.split('@');
  const colon = name.lastIndexOf(':');
  const tagged = colon > name.lastIndexOf('/');
  const repo = tagged ? name.slice(0, colon) : name;
  return {
    repo,
    tag: tagged ? name.slice(colon + 1) : 'latest',
    ...(digest === undefined ? {} : { digest }),
  };
};

export const fullRef = (ref: string): string => {
  const { repo, tag } = splitRef(ref);
  return `${repo}:${tag}`;
};
