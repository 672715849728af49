import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { askBot, connect } from '../../../src/cli/client.js';
import type { Stand } from './stand.js';

/** `src/main.ts` in a process of its own, with a Slack that does not answer; people speak to it at the command line. */
export type MainProgram = {
  /** Says a command line as somebody; ends when the command does, and rejects when the program ends before. */
  tell(login: string, words: readonly string[], heard?: (text: string) => void): Promise<void>;
  /** SIGTERM, once: a second one would end it at once. */
  terminate(): void;
  /** Its exit code, and the milliseconds from SIGTERM to its end. */
  readonly ended: Promise<{ readonly code: number | null; readonly ms: number }>;
};

const UP_WITHIN_MS = 60_000;

const environment = ({ configFile, state }: Stand): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  SLACK_BOT_TOKEN: 'xoxb-nobody-listens',
  SLACK_APP_TOKEN: 'xapp-nobody-listens',
  SLACK_API_URL: 'http://127.0.0.1:9/api/',
  STACKSWAP_CONFIG: configFile,
  STACKSWAP_STATE: state,
  STACKSWAP_LOG_LEVEL: 'error',
});

/** Starts it and waits until its command line is served. */
export const startMain = async (program: string, stand: Stand): Promise<MainProgram> => {
  const child = spawn(process.execPath, [program], {
    cwd: stand.folder,
    env: environment(stand),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = 0;
  const ended = once(child, 'exit').then(([code]) => ({
    code,
    ms: told === 0 ? 0 : performance.now() - told,
  }));
  const last = performance.now() + UP_WITHIN_MS;
  const reach = async () => {
    for (;;) {
      const socket = await connect(stand.state);
      if (socket) return socket;
      if (child.exitCode !== null || performance.now() > last) throw new Error('src/main.ts did not come up');
      await sleep(20);
    }
  };
  (await reach()).destroy();
  return {
    tell: async (login, words, heard = () => undefined) => {
      await askBot(await reach(), { words, login }, heard);
    },
    terminate: () => {
      if (told !== 0) return;
      told = performance.now();
      child.kill('SIGTERM');
    },
    ended,
  };
};
