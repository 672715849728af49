import { type Engine, EngineError } from '../engine/port.js';

/** HAProxy's admin socket inside one of its containers. */
export type Socket = { readonly engine: Engine; readonly container: string; readonly path: string };

const TIMEOUT_MS = 15_000;

/** HAProxy's own rule for names (configuration manual, "Quoting and escaping" and `server`), and what a path may hold. */
const NAME = /^[A-Za-z0-9_.:-]+$/;
const PATH = /^\/[A-Za-z0-9_./-]+$/;

const requireForm = (word: string, form: RegExp): string => {
  if (!form.test(word)) throw new Error(`${JSON.stringify(word)} is no name that HAProxy has`);
  return word;
};

/** socat waits half a second for an answer unless it is told to wait longer. */
const ask = (path: string): string =>
  `ask() { printf '%s\\n' "$1" | socat -t 10 stdio unix-connect:${requireForm(path, PATH)}; }`;

/**
 * `show stat` has some 100 columns and an engine keeps 64 KiB of an output: the six that are read stand before every
 * column with free text. The type 4 is "servers" (management guide 9.3).
 */
export const lookScript = (path: string): string =>
  [
    ask(path),
    `level=$(ask 'show cli level') && stat=$(ask 'show stat -1 4 -1') && state=$(ask 'show servers state') || exit 1`,
    `echo "level $level"`,
    `printf '%s\\n' "$stat" | cut -d, -f1-5,18`,
    `printf '%s\\n' "$state" | sed -e 1d -e 's/^# //' | cut -d' ' -f2,4-7,19`,
  ].join('\n');

export type Order = 'drain' | 'ready';

export const orderScript = (
  path: string,
  { backend, server, order }: { backend: string; server: string; order: Order },
): string =>
  [
    ask(path),
    `ask 'set server ${requireForm(backend, NAME)}/${requireForm(server, NAME)} state ${order}'`,
  ].join('\n');

/** Runs a script in the container. Silence is an `EngineError` of unknown outcome: HAProxy may just be starting. */
export const runAt = async ({ engine, container }: Socket, script: string): Promise<string> => {
  const silent = (why: string): EngineError => new EngineError(engine.host, `exec ${container}`, why, true);
  let ran: Awaited<ReturnType<Engine['exec']>>;
  try {
    ran = await engine.exec(container, ['sh', '-c', script], TIMEOUT_MS);
  } catch (error) {
    // A container that is gone or not running may be on its way back.
    if (error instanceof EngineError && (error.status === 404 || error.status === 409))
      throw silent(error.message);
    throw error;
  }
  if (ran.exitCode !== 0) throw silent(ran.output.trim().split('\n').at(-1) || `exit code ${ran.exitCode}`);
  return ran.output;
};
