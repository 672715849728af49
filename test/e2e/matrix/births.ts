import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Life } from './life.js';

export type Born = {
  /** Begins the life; the process is gone when the promise resolves. */
  live(life: Life): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  kill(signal: NodeJS.Signals): void;
  readonly pid: number | undefined;
};

export type Births = {
  /** A process that has loaded the bot and waits to be told what to do. */
  next(): Born;
  close(): Promise<void>;
};

const bornFrom = (
  program: string,
): Born & { readonly child: ChildProcess; readonly ended: Promise<unknown> } => {
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  // The process may be gone before it was told anything.
  child.stdin?.on('error', () => undefined);
  return {
    child,
    ended,
    live: async (life) => {
      child.stdin?.write(`${JSON.stringify(life)}\n`);
      const [code, signal] = await ended;
      return { code, signal };
    },
    kill: (signal) => child.kill(signal),
    pid: child.pid,
  };
};

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** CommonJS packages ask for built-in modules by "require", which a module does not have. */
const REQUIRE =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** One file with all that the program imports: it loads in half the time, and it is loaded for every death. */
const bundle = async (file: string): Promise<{ readonly program: string; remove(): Promise<void> }> => {
  const cache = join(ROOT, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'stackswap-matrix-'));
  const program = join(folder, 'program.mjs');
  await build({
    entryPoints: [join(ROOT, file)],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['*.node', 'cpu-features'],
    banner: { js: REQUIRE },
    logLevel: 'error',
  });
  return { program, remove: () => rm(folder, { recursive: true, force: true }) };
};

/** Processes are started ahead: to load the program takes as long as to do what it is told. */
export const births = async (file: string, ahead: number): Promise<Births> => {
  const { program, remove } = await bundle(file);
  const waiting = Array.from({ length: ahead }, () => bornFrom(program));
  const all = new Set(waiting);
  return {
    next: () => {
      const more = bornFrom(program);
      waiting.push(more);
      all.add(more);
      const born = waiting.shift() ?? more;
      void born.ended.then(() => all.delete(born));
      return born;
    },
    close: async () => {
      for (const { child } of all) child.kill('SIGKILL');
      await Promise.all([...all].map(({ ended }) => ended));
      await remove();
    },
  };
};
