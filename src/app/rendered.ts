import { type ChildProcess, spawn } from 'node:child_process';
import type { Config } from '../config.js';
import { messageOf } from '../errors.js';
import type { Folders } from '../kolla/folder.js';
import { secretsOf } from '../kolla/secrets.js';
import type { ConfigTree } from '../kolla/tree.js';
import type { Redactor } from '../redact.js';

/** Reads rendered folders, and teaches the redactor their secrets before anybody can print one. */
export const learningFolders =
  (redactor: Redactor, read: Folders['read']) =>
  async (folder: string): Promise<ConfigTree> => {
    const tree = await read(folder);
    redactor.learn(secretsOf(tree));
    return tree;
  };

/** What is to be rendered: `folder` is the setting with the release filled in; `{host}` stays in it. */
export type RenderRequest = {
  readonly release: string;
  readonly service: string;
  readonly hosts: readonly string[];
  readonly folder: string;
};

export type RenderSettings = { readonly command: readonly string[]; readonly timeout: number };

export const renderSettings = ({ target_config: settings }: Config): RenderSettings | undefined =>
  settings?.command ? { command: settings.command, timeout: settings.timeout } : undefined;

/** The bot's environment holds tokens; the command gets what a login would give it, and what it is asked for. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TZ', 'SSH_AUTH_SOCK', 'TMPDIR'];

const environmentFor = ({ release, service, hosts, folder }: RenderRequest): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(INHERITED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
  STACKSWAP_RELEASE: release,
  STACKSWAP_SERVICE: service,
  STACKSWAP_HOSTS: hosts.join(','),
  STACKSWAP_FOLDER: folder,
});

const MOST_OUTPUT = 64 * 1024;
/** Between SIGTERM and SIGKILL of a command that took too long. */
const GRACE_MS = 5_000;
/** What the command started may hold its output open without end; after its own end this long is listened. */
const REST_MS = 1_000;

/** The command with all that it started: it leads a process group of its own. */
const signal = (child: ChildProcess, name: NodeJS.Signals): void => {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch (error) {
    // ESRCH: all of it has ended by itself.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
};

type Ended = { readonly failure: string | undefined; readonly output: string };

const runOnce = ({ command, timeout }: RenderSettings, request: RenderRequest): Promise<Ended> =>
  new Promise((resolve) => {
    const [program = '', ...args] = command;
    let output = '';
    let late = false;
    const child = spawn(program, args, {
      env: environmentFor(request),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const timers: NodeJS.Timeout[] = [];
    const after = (ms: number, act: () => void): void => {
      timers.push(setTimeout(act, ms));
    };
    const noTimers = (): void => {
      for (const timer of timers.splice(0)) clearTimeout(timer);
    };
    const end = (failure: string | undefined): void => {
      noTimers();
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
      resolve({ failure, output });
    };
    const ended = (code: number | null, by: NodeJS.Signals | null): void => {
      if (late) signal(child, 'SIGKILL');
      const how = code === null ? `signal ${by}` : `exit code ${code}`;
      if (late) end(`was ended after ${timeout / 1000} s (target_config.timeout)`);
      else end(code === 0 ? undefined : `ended with ${how}`);
    };
    after(timeout, () => {
      late = true;
      signal(child, 'SIGTERM');
    });
    after(timeout + GRACE_MS, () => signal(child, 'SIGKILL'));
    after(timeout + GRACE_MS + REST_MS, () => ended(null, 'SIGKILL'));
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString('utf8')).slice(-MOST_OUTPUT);
      });
    child.once('error', (error) => end(`could not be started (${messageOf(error)})`));
    child.once('exit', (code, by) => {
      noTimers();
      after(REST_MS, () => ended(code, by));
    });
    child.once('close', ended);
  });

/** Renders the target configuration; answers with why it could not, safe to show. */
export type Render = (request: RenderRequest) => Promise<string | undefined>;

export type Said = {
  /** Cleans and redacts. */
  readonly tail: (text: string) => string;
  /** Keeps the whole output below the state folder; `null` where there is none. */
  readonly keep: (name: string, text: string) => Promise<string | null>;
};

/**
 * Ansible's last `fatal:` or `ERROR` up to the first value. Secrets of a rendering that failed were never learned, so
 * nothing else of its output is shown: diffs and arguments of modules hold them.
 */
const failedWords = (output: string): string => {
  const last = output.split('\n').findLast((line) => /^\s*(?:fatal:|\W?ERROR\b)/.test(line)) ?? '';
  return (last.split(/\{|=>/)[0] ?? '').trim();
};

/** No command: what lies there is taken as it is. */
export const renderWith =
  (settings: RenderSettings | undefined, { tail, keep }: Said): Render =>
  async (request) => {
    if (!settings) return undefined;
    const { failure, output } = await runOnce(settings, request);
    if (failure === undefined) return undefined;
    const words = tail(failedWords(output)).trim().slice(0, 300);
    const file = output.trim() === '' ? null : await keep(`render-${request.release}`, output);
    const kept = file === null ? '' : `; its output is kept in ${file} in the state folder`;
    return `${settings.command[0] ?? ''} ${failure}${words === '' ? '' : ` (${words})`}${kept}`;
  };
