import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { childPath } from '../child.js';

/** On a new connection, on one that is kept alive, or one that takes 2 to 5 s (on a new connection, too). */
export type Asked = 'fresh' | 'kept' | 'slow';

export type LoadWish = {
  /** The HAProxies; asked in turn. */
  readonly doors: readonly string[];
  readonly perSecond: { readonly fresh: number; readonly kept: number };
  /** Slow requests that are under way all the time. */
  readonly slowClients: number;
};

/** `at`: when it was known, in milliseconds since the epoch. */
export type Failure = { readonly at: number; readonly how: Asked; readonly why: string };

export type LoadReport = {
  readonly seconds: number;
  readonly counts: Readonly<
    Record<
      Asked,
      { readonly sent: number; readonly good: number; readonly failed: number; readonly skipped: number }
    >
  >;
  readonly failures: readonly Failure[];
};

export type Load = {
  /** Sends no more, waits for the last answers, and gives the counts. */
  stop(): Promise<LoadReport>;
};

/** 200 new connections and 1,000 requests on kept ones a second, with eight slow requests under way. */
export const FULL = { perSecond: { fresh: 200, kept: 1_000 }, slowClients: 8 } as const;

const WARM_UP_MS = 1_500;

/** Starts the clients in a process of their own; resolves when they are at full speed. */
export const startLoad = async (wish: LoadWish): Promise<Load> => {
  const child = fork(childPath('balancer/load-child.ts'), [JSON.stringify(wish)], {
    execArgv: ['--import', import.meta.resolve('tsx')],
  });
  const ended = once(child, 'exit').then(() => undefined);
  /** What the clients say next; nothing when they ended. */
  const said = (): Promise<unknown> => Promise.race([once(child, 'message').then(([one]) => one), ended]);
  if ((await said()) === undefined) throw new Error('the clients could not be started');
  await sleep(WARM_UP_MS);
  return {
    stop: async () => {
      const last = said();
      if (child.connected) child.send('stop');
      const report = (await last) as LoadReport | undefined;
      await ended;
      if (!report) throw new Error('the clients ended and said nothing');
      return report;
    },
  };
};

const ALL: readonly Asked[] = ['fresh', 'kept', 'slow'];

export const totalOf = ({ counts }: LoadReport, how: readonly Asked[] = ALL) => ({
  sent: how.reduce((sum, one) => sum + counts[one].sent, 0),
  failed: how.reduce((sum, one) => sum + counts[one].failed, 0),
  skipped: how.reduce((sum, one) => sum + counts[one].skipped, 0),
});
