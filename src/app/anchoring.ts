import { messageOf } from '../errors.js';
import type { Log } from '../log.js';
import type { Journal } from '../run/journal.js';
import type { Phase } from '../run/phase.js';

/** In these something is being done or may begin at any moment; in all others a run has ended or rests. */
const MOVING: readonly Phase[] = ['proposed', 'approved', 'running', 'rolling-back', 'finalizing'];

/**
 * Whenever a run ends or comes to rest, the head of the journal is journaled for it: its message in Slack shows it, and
 * so does the log, out of reach of whoever may write the state folder. `stop` resolves when the last one is written.
 */
export const anchoring = (
  journal: Journal,
  log: Pick<Log, 'info' | 'warn'>,
): { catchUp(): void; stop(): Promise<void> } => {
  const writing = new Map<string, Promise<void>>();

  const anchor = async (run: string, phase: Phase): Promise<void> => {
    const { seq, hash } = journal.head();
    try {
      await journal.append(run, { kind: 'anchored', seq, hash });
      log.info({ run, phase, seq, hash }, 'audit: head of the journal');
    } catch (error) {
      log.warn({ run, seq, hash, err: messageOf(error) }, 'audit: the head of the journal was not anchored');
    } finally {
      writing.delete(run);
    }
  };

  const tend = (id: string | undefined): void => {
    const run = id === undefined ? undefined : journal.state().runs[id];
    if (!run || run.anchor || MOVING.includes(run.phase) || writing.has(run.id)) return;
    writing.set(run.id, anchor(run.id, run.phase));
  };
  const silence = journal.subscribe(tend);

  return {
    /** Of runs at rest whose head a process that died did not write down any more. */
    catchUp: (): void => {
      for (const { id } of Object.values(journal.state().runs)) tend(id);
    },
    stop: async () => {
      silence();
      await Promise.all(writing.values());
    },
  };
};
