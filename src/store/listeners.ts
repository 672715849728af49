import type { Log } from '../log.js';

export type Listener = (run: string | undefined) => void;

export type Listeners = { add(listener: Listener): () => void; tell(run: string | undefined): void };

/** Those who are told of each durable event. One that throws, or whose promise rejects, is logged and ends nothing. */
export const listeners = (log: Pick<Log, 'error'>): Listeners => {
  const all = new Set<{ readonly call: Listener }>();
  const failed = (err: unknown) => log.error({ err }, 'a listener of the journal failed');
  return {
    add: (call) => {
      const item = { call };
      all.add(item);
      return () => {
        all.delete(item);
      };
    },
    tell: (run) => {
      for (const { call } of [...all]) {
        try {
          const answer: unknown = call(run);
          if (answer instanceof Promise) answer.catch(failed);
        } catch (error) {
          failed(error);
        }
      }
    },
  };
};
