import { fork } from 'node:child_process';
import { once } from 'node:events';
import { childPath } from '../child.js';
import type { Said, Sample, Told } from './sample.js';

const WITHIN_MS = 60_000;

/** An independent probe of one address, in a process of its own. */
export type Prober = {
  /** Begins to ask; resolves at the first good answer. */
  begin(): Promise<void>;
  /** When that release was first seen to answer, later than `since`; milliseconds since the epoch. */
  answers(release: string, since?: number): Promise<number>;
  /** Stops asking and gives what was seen since `begin`. */
  take(): Promise<readonly Sample[]>;
  stop(): Promise<void>;
};

type Wish = {
  readonly fits: (said: Said) => boolean;
  readonly resolve: (said: Said) => void;
  readonly reject: (error: Error) => void;
};

export const startProber = (url: string): Prober => {
  const child = fork(childPath('prober/child.ts'), [url]);
  const gone = once(child, 'exit');
  let heard: Said[] = [];
  let wishes: Wish[] = [];

  child.on('message', (message) => {
    const said = message as Said;
    heard.push(said);
    for (const wish of wishes.filter(({ fits }) => fits(said))) wish.resolve(said);
    wishes = wishes.filter(({ fits }) => !fits(said));
  });
  child.on('exit', () => {
    for (const wish of wishes) wish.reject(new Error('the probing process ended'));
    wishes = [];
  });

  const tell = (told: Told): boolean => child.connected && child.send(told);

  const hear = (what: string, fits: (said: Said) => boolean): Promise<Said> => {
    const already = heard.find(fits);
    if (already) return Promise.resolve(already);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${url}: ${what} was not seen within ${WITHIN_MS / 1_000} s`)),
        WITHIN_MS,
      );
      const settle =
        <T>(end: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          end(value);
        };
      wishes.push({ fits, resolve: settle(resolve), reject: settle(reject) });
    });
  };

  return {
    begin: async () => {
      heard = [];
      tell({ kind: 'begin' });
      await hear('a good answer', ({ kind }) => kind === 'answered');
    },
    answers: async (release, since = 0) => {
      const said = await hear(
        `an answer of ${release}`,
        (one) => one.kind === 'answered' && one.release === release && one.at > since,
      );
      return said.kind === 'answered' ? said.at : Number.NaN;
    },
    take: async () => {
      tell({ kind: 'take' });
      const said = await hear('the samples', ({ kind }) => kind === 'samples');
      return said.kind === 'samples' ? said.samples : [];
    },
    stop: async () => {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
};
