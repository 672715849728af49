import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerInspect } from '../../src/engine/inspect.js';
import { type Engine, EngineError } from '../../src/engine/port.js';

/** An engine with what the contract needs around it. Everything it makes is named with `prefix`. */
export type Subject = {
  readonly engine: Engine;
  readonly prefix: string;
  /** A local image, and what its programs are called. */
  readonly image: string;
  /** A command that runs until it is stopped. */
  readonly idle: readonly string[];
  /** A command that prints lines and ends with a code; works as a container's command and for `exec`. */
  readonly say: (lines: readonly string[], exitCode: number) => readonly string[];
  /** A command for `exec` that ends after that time. */
  readonly last: (ms: number) => readonly string[];
  /** Two networks that exist, and a free address in the first. */
  readonly networks: readonly [first: string, second: string];
  readonly address: string;
  /** A reference that no registry knows. */
  readonly unknownRef: string;
  volumes(): Promise<readonly string[]>;
  /** A new, empty folder on the engine's host; the next `clean` takes it away. */
  folder(): string;
  /** Volumes whose container is gone, to be taken away by the next `clean`. */
  made(volumes: readonly string[]): void;
  /** Removes every container and volume made since the last time. */
  clean(): Promise<void>;
  /** Takes away what was made around the engine. */
  close(): Promise<void>;
};

export const GRACE_SECONDS = 1;

export const failureOf = async (work: Promise<unknown>): Promise<EngineError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof EngineError) return error;
  throw new Error(`expected an EngineError, not ${String(error)}`);
};

/** What the parts of the contract work with. */
export type Bench = ReturnType<typeof benchFor>;

export const benchFor = (current: () => Subject) => {
  let count = 0;
  const freshName = (): string => {
    count += 1;
    return `${current().prefix}-${count}`;
  };
  const bodyOf = (body: object = {}, hostConfig: object = {}): Record<string, unknown> => ({
    Image: current().image,
    Cmd: [...current().idle],
    StopSignal: 'SIGKILL',
    ...body,
    HostConfig: { NetworkMode: 'none', ...hostConfig },
  });
  const create = (body: object = {}, hostConfig: object = {}, named = freshName()): Promise<string> =>
    current().engine.create(named, { body: bodyOf(body, hostConfig), connect: [] });
  const running = async (body: object = {}, hostConfig: object = {}): Promise<string> => {
    const id = await create(body, hostConfig);
    await current().engine.start(id);
    return id;
  };
  const inspect = async (idOrName: string): Promise<ContainerInspect> => {
    const seen = await current().engine.inspect(idOrName);
    if (!seen) throw new Error(`${idOrName} is not there`);
    return seen;
  };
  const eventually = async (
    id: string,
    when: (seen: ContainerInspect) => boolean,
  ): Promise<ContainerInspect> => {
    for (let tries = 0; tries < 100; tries += 1) {
      const seen = await inspect(id);
      if (when(seen)) return seen;
      await sleep(50);
    }
    throw new Error(`not so within 5 s: ${JSON.stringify((await inspect(id)).State)}`);
  };

  return {
    get subject() {
      return current();
    },
    freshName,
    bodyOf,
    create,
    running,
    inspect,
    eventually,
  };
};
