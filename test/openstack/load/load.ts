import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Aim, Kind, Row, Said, Sample, Told } from './said.js';
import { rowsOf } from './said.js';

export type Taken = { readonly rows: readonly Row[]; readonly failures: readonly string[] };

/** A load in a process of its own, which goes on between the phases. */
export type Load = {
  /** What was answered since the last take. */
  take(): Promise<Taken>;
  stop(): Promise<void>;
};

const failuresOf = (samples: readonly Sample[]): readonly string[] =>
  samples.flatMap(({ at, kind, ms, failure }) =>
    failure === undefined ? [] : [`${new Date(at).toISOString()} ${kind} after ${ms} ms: ${failure}`],
  );

export const startLoad = (aim: Aim): Load => {
  const child = fork(fileURLToPath(new URL('./child.ts', import.meta.url)), [], {
    execArgv: ['--import', 'tsx'],
  });
  const lastGood = new Map<Kind, number>();
  const tell = (told: Told): boolean => child.connected && child.send(told);
  tell({ kind: 'begin', aim });
  return {
    take: async () => {
      const answer = once(child, 'message', { signal: AbortSignal.timeout(10_000) });
      if (!tell({ kind: 'take' })) throw new Error('the load ended by itself');
      const [said] = (await answer) as [Said];
      return { rows: rowsOf(said.samples, lastGood), failures: failuresOf(said.samples) };
    },
    stop: async () => {
      const gone = once(child, 'exit');
      if (child.connected) child.disconnect();
      else if (child.exitCode !== null) return;
      await gone;
    },
  };
};
