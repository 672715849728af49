import type { ContainerInspect, ImageInspect } from './inspect.js';

/** What a container engine is told to create; the body of Docker's `POST /containers/create`. */
export type ContainerSpec = {
  /** Everything but the networks beyond the first, as the Engine API spells it. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Networks joined after the create and before the start: an API below 1.44 takes only one at create time. */
  readonly connect: readonly {
    readonly network: string;
    readonly endpoint: Readonly<Record<string, unknown>>;
  }[];
};

export type ContainerSummary = {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly imageId: string;
  readonly state: string;
};

export type EngineInfo = {
  readonly version: string;
  /** Of the Engine API, in which it is spoken to. */
  readonly apiVersion: string;
  /** The newest one that it speaks itself. */
  readonly newestApiVersion?: string;
  readonly hostname: string;
  /** The host's clock when it answered, as the engine writes it (RFC 3339). */
  readonly systemTime?: string;
  /** Folder on the host in which the engine keeps images and containers. */
  readonly dataRoot?: string;
  /** `Engine` (Docker's) or `Podman Engine`, `containerd`, `runc`: with their builds, which name a distribution's package. */
  readonly parts?: readonly { readonly name: string; readonly version: string; readonly build: string }[];
  /** Plugins that are asked whether a caller of the engine's API may. */
  readonly authorizationPlugins?: readonly string[];
};

export type ExecResult = { readonly exitCode: number; readonly output: string };

/** The registry's answer about a reference; `digest` is the manifest's (`sha256:…`). */
export type RemoteImage = { readonly digest: string };

/**
 * One container host. Every call has its own deadline and throws `EngineError` when it fails or when the
 * outcome is unknown; callers look again instead of believing an error. Identifiers are full container ids.
 */
export type Engine = {
  readonly host: string;
  info(): Promise<EngineInfo>;
  /**
   * All containers, the stopped ones too. Their `state` may be a moment old (Docker 26.1 was seen to list a container as
   * running right after it had answered its stop): what must be sure of a state inspects.
   */
  list(): Promise<ContainerSummary[]>;
  /** `undefined` when no such container exists. */
  inspect(idOrName: string): Promise<ContainerInspect | undefined>;
  /** A local image, by reference or id; `undefined` when it is not there. */
  image(ref: string): Promise<ImageInspect | undefined>;
  /** Whether a volume of this name is there. */
  hasVolume(name: string): Promise<boolean>;
  /** Asks the registry without pulling. Throws when it does not answer or does not know the reference. */
  resolve(ref: string): Promise<RemoteImage>;
  /** Pulls `ref` (by `digest` where given, then tags it) and returns the local image. A failed pull throws. */
  pull(ref: string, digest?: string): Promise<ImageInspect>;
  /**
   * Creates without starting and joins `spec.connect`; returns the full id. `mayGoOn` is asked before each of these, and
   * throws where nothing may be changed any more.
   */
  create(name: string, spec: ContainerSpec, mayGoOn?: () => void): Promise<string>;
  start(id: string): Promise<void>;
  /** SIGTERM (or the container's own stop signal), then SIGKILL after `graceSeconds`. */
  stop(id: string, graceSeconds: number): Promise<void>;
  rename(id: string, name: string): Promise<void>;
  setRestartPolicy(id: string, policy: RestartPolicy): Promise<void>;
  /** Never with its volumes. Refuses a running container. */
  remove(id: string): Promise<void>;
  /** Runs a command inside a running container; `timeoutMs` ends our waiting, not the command. */
  exec(id: string, command: readonly string[], timeoutMs: number): Promise<ExecResult>;
  /** Waits until the container is not running; returns its exit code. */
  wait(id: string, timeoutMs: number): Promise<number>;
  /** The last `lines` lines of stdout and stderr. */
  logs(id: string, lines: number): Promise<string>;
  /**
   * A tar of `path` (a folder comes as `<its name>/…`) inside a container, started or not; bind mounts are seen through.
   * `undefined` when the path is not there.
   */
  readArchive(id: string, path: string): Promise<Buffer | undefined>;
  /** Extracts a tar into the existing folder `path`, with the tar's owners and modes. Deletes nothing. */
  writeArchive(id: string, path: string, tar: Buffer): Promise<void>;
};

export type RestartPolicy = { readonly Name: string; readonly MaximumRetryCount: number };

/**
 * A call that failed or whose outcome is unknown (`unknown: true`: a deadline or a cut connection, after which the
 * call may or may not have taken effect).
 */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  constructor(
    readonly host: string,
    readonly call: string,
    message: string,
    readonly unknown: boolean,
    /** HTTP status of the engine's answer, where there was one. */
    readonly status?: number,
  ) {
    super(`${host}: ${call}: ${message}`);
  }
}
