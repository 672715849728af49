import { personOf } from '../authority/people.js';
import { policyFor } from '../config.js';
import { messageOf } from '../errors.js';
import type { Log } from '../log.js';
import { whatMoved } from '../plan/moved.js';
import { fingerprintOf } from '../plan/plan.js';
import type { Phase } from '../run/phase.js';
import { countedApprovals, type Run } from '../run/run.js';
import { type Workshop, work } from '../run/runner.js';
import { planNow } from './looking.js';
import { installs } from './target-configs.js';

const WORKING: readonly Phase[] = ['approved', 'running', 'rolling-back', 'finalizing'];

/** Approvals are judged once more by the people and the policy of now, which a restart may have changed. */
const stillApproved = ({ config }: Workshop, run: Run): string | undefined => {
  if (run.brokeGlass) return undefined;
  const valid = countedApprovals(run).filter((actor) => personOf(config, actor)?.roles.includes('approver'));
  const needed = Math.max(run.quorum, policyFor(config, run.plan.service).approvals);
  return valid.length >= needed ? undefined : `${valid.length} of ${needed} approvals still count`;
};

/**
 * The approved plan is made anew from what is there now: approvals bind to what was seen. Anything that moved voids the
 * run, with nothing changed.
 */
const startApproved = async (workshop: Workshop, id: string): Promise<void> => {
  const { journal } = workshop;
  const run = journal.state().runs[id];
  if (!run) return;
  const { service, to, overrides } = run.plan;
  const why = await planNow(workshop, { service, to: to.tag, overrides }, id).then((plan) => {
    const short = stillApproved(workshop, run);
    if (short) return short;
    const blocking = plan.findings.find((finding) => finding.level === 'block');
    if (blocking) return blocking.text;
    return fingerprintOf(plan) === run.fingerprint ? undefined : whatMoved(run.plan, plan);
  }, messageOf);
  if (journal.state().runs[id]?.phase !== 'approved') return;
  await journal.append(
    id,
    why === undefined ? { kind: 'started' } : { kind: 'voided', why: workshop.tail(why) },
  );
};

/** What the run installs is not being rendered while it is judged, nor after it started. */
const startInTurn = (workshop: Workshop, id: string): Promise<void> => {
  const plan = workshop.journal.state().runs[id]?.plan;
  const start = () => startApproved(workshop, id);
  return plan && installs(plan) ? workshop.oneRendering(start) : start();
};

/** Runs that are being worked on; each at most once at a time. */
export const background = (workshop: Workshop, log: Log) => {
  const going = new Map<string, Promise<void>>();
  const phaseOf = (id: string) => workshop.journal.state().runs[id]?.phase;

  const toEnd = async (id: string): Promise<void> => {
    try {
      for (let phase = phaseOf(id); phase && WORKING.includes(phase); phase = phaseOf(id)) {
        if (phase === 'approved') await startInTurn(workshop, id);
        else await work(workshop, id);
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

  return {
    /** Starts working on a run unless it is being worked on already. */
    kick: (id: string): void => {
      if (going.has(id)) return;
      const working = toEnd(id).finally(() => {
        going.delete(id);
      });
      going.set(id, working);
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
