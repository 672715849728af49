import { messageOf } from '../errors.js';
import type { Log } from '../log.js';
import { ACTIVE, type Phase } from '../run/phase.js';
import { putBack, putBackLeft } from '../run/put-back.js';
import type { Run } from '../run/run.js';
import { work } from '../run/runner.js';
import { type Starting, startInTurn } from './starting.js';

const WORKING: readonly Phase[] = ['approved', 'running', 'rolling-back', 'finalizing'];

/** Runs that are being worked on; each at most once at a time. */
export const background = (starting: Starting, log: Log) => {
  const { workshop } = starting;
  /** Kicked while its work was ending: nothing of what was decided in that moment is missed. */
  const again = new Set<string>();
  const going = new Map<string, Promise<void>>();
  const phaseOf = (id: string) => workshop.journal.state().runs[id]?.phase;

  /** Runs that came to rest and may have left servers drained. */
  const untidy = new Set<string>();
  /** Those whose silent load balancers are asked again. */
  const left = new Set<string>();

  const runAt = (id: string): Run | undefined => workshop.journal.state().runs[id];

  const tidied = async (id: string): Promise<void> => {
    const [resting, asked] = [untidy.delete(id), left.delete(id)];
    const run = runAt(id);
    if (!run) return;
    try {
      if (resting) await putBack(workshop, run);
      if (asked) await putBackLeft(workshop, run, () => restsAlone(id));
    } catch (error) {
      log.error({ run: id, err: messageOf(error) }, 'servers that it left drained may still be drained');
    }
  };

  /** Whether nobody works on it, and no other run of its service may have drained the same servers on purpose. */
  const restsAlone = (id: string): boolean => {
    const run = runAt(id);
    const others = Object.values(workshop.journal.state().runs).filter((other) => other.id !== id);
    return (
      run !== undefined &&
      !WORKING.includes(run.phase) &&
      !others.some(({ plan, phase }) => plan.service === run.plan.service && ACTIVE.includes(phase))
    );
  };

  /** What an earlier run of the same service still does at the load balancers ends before a new one begins. */
  const othersAtRest = async (id: string): Promise<void> => {
    const { runs } = workshop.journal.state();
    const service = runs[id]?.plan.service;
    const others = [...going].filter(
      ([other]) => other !== id && runs[other]?.plan.service === service && phaseOf(other) !== 'approved',
    );
    await Promise.all(others.map(([, working]) => working));
  };

  const toEnd = async (id: string): Promise<void> => {
    try {
      await tidied(id);
      for (let phase = phaseOf(id); phase && WORKING.includes(phase); phase = phaseOf(id)) {
        if (phase === 'approved') {
          await othersAtRest(id);
          await startInTurn(starting, id);
          // The bot ends, and nobody could say whether it may start: the next start voids it.
          if (workshop.stopping() && phaseOf(id) === 'approved') return;
        } else await work(workshop, id);
      }
    } catch (error) {
      // A failing journal or a bug: nothing more is done to any container, and people see an interrupted run.
      log.error({ run: id, err: messageOf(error) }, 'the run was interrupted');
      await workshop.journal
        .append(id, { kind: 'interrupted' })
        .catch((again: unknown) =>
          log.error({ run: id, err: messageOf(again) }, 'the journal does not take the interruption'),
        );
    }
  };

  const kick = (id: string): void => {
    if (going.has(id)) {
      again.add(id);
      return;
    }
    const working = toEnd(id).finally(() => {
      going.delete(id);
      if (again.delete(id)) kick(id);
    });
    going.set(id, working);
  };

  return {
    /** Starts working on a run unless it is being worked on already. */
    kick,
    /** Gives traffic again to what a run at rest left drained, as its work: nothing else is done about it meanwhile. */
    tidy: (id: string): void => {
      untidy.add(id);
      kick(id);
    },
    /** Runs at rest, and ended ones, whose load balancers did not answer when their servers were to get traffic again. */
    tendDrained: (): void => {
      for (const { id, leftDrained = [] } of Object.values(workshop.journal.state().runs)) {
        if (leftDrained.length === 0 || going.has(id) || !restsAlone(id)) continue;
        left.add(id);
        kick(id);
      }
    },
    /**
     * Runs that should be worked on and are not: the journal took neither what they did nor that they were interrupted.
     * Says so as soon as it takes events again, since people would wait for ever. Inside the exclusive section.
     */
    tendStranded: async (): Promise<void> => {
      for (const { id, phase } of Object.values(workshop.journal.state().runs))
        if (WORKING.includes(phase) && !going.has(id))
          await workshop.journal.append(id, { kind: 'interrupted' });
    },
    settled: async (id: string): Promise<void> => {
      for (let working = going.get(id); working; working = going.get(id)) await working;
    },
    /** Waits for what is under way, at most `ms`: what has not ended by then is found as interrupted at the next start. */
    atMost: async (ms: number): Promise<void> => {
      await Promise.race([Promise.all(going.values()), workshop.clock.sleep(ms)]);
    },
  };
};

export type Background = ReturnType<typeof background>;
