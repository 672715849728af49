import type { ReadyReport } from '../probes/report.js';
import { askAll, failures, sameReport } from './ask-services.js';
import { noWayBack } from './going-back.js';
import type { Bench } from './runner.js';

/** Going back, an old container gets this long to be ready, in milliseconds; nothing hangs on it. */
const BACK_MS = 30_000;

/** Answers that people know of do not hold the run up a second time. */
const withKnown = (
  before: readonly ReadyReport[],
  known: readonly ReadyReport[] | undefined,
): readonly ReadyReport[] =>
  before.map((report) => {
    const bad = known?.find(sameReport(report))?.asked ?? [];
    return {
      ...report,
      asked: report.asked.map((one) =>
        bad.some(({ what, verdict }) => what === one.what && (verdict === 'waiting' || verdict === 'ill'))
          ? { ...one, verdict: 'excused' as const, why: 'known, and gone on in spite of it' }
          : one,
      ),
    };
  });

/**
 * The answers from before the first swap: what is not well now is not required afterwards, so that a wrong password in
 * clouds.yaml never rolls a good upgrade back. A lost answer is asked for again first.
 */
export const askBefore = async (bench: Bench, checkpoint: () => void): Promise<void> => {
  const { askService } = bench;
  if (!askService || bench.run().readyBefore) return;
  const { interval, successes } = bench.config.health;
  const policy = { interval, successes: 1, deadline: interval * Math.max(2, successes) };
  const reports = await askAll(bench, { askService, when: 'before', before: undefined, policy, checkpoint });
  await bench.emit({ kind: 'services-asked', when: 'before', reports });
  const bad = failures(reports);
  if (bad.length > 0)
    await bench.emit({
      kind: 'noted',
      text: bench.tail(
        `Before the first swap not everything answered well, and that is not required afterwards. ${bad.join('. ')}`,
      ),
    });
};

/** Whether everything answers at the end as it did before; else people are asked, once. */
export const readyAtEnd = async (bench: Bench, checkpoint: () => void): Promise<boolean> => {
  const { askService } = bench;
  const { readyBefore, readyKnown } = bench.run();
  if (!askService || !readyBefore) return true;
  const before = withKnown(readyBefore, readyKnown);
  const policy = bench.config.health;
  const reports = await askAll(bench, { askService, when: 'end', before, policy, checkpoint });
  await bench.emit({ kind: 'services-asked', when: 'end', reports });
  const bad = failures(reports);
  if (bad.length === 0) return true;
  const run = bench.run();
  await bench.emit({
    kind: 'asked',
    why: bench.tail(
      `Every container is swapped and healthy, and ${run.plan.service} is not ready when it is asked at the end. ${bad.join('. ')}.`,
    ),
    choices: noWayBack(run) ? ['resume'] : ['resume', 'rollback'],
  });
  return false;
};

/** The old version is asked, too, after going back; a bad answer is noted and changes nothing. */
export const askAfterBack = async (bench: Bench, checkpoint: () => void): Promise<void> => {
  const { askService } = bench;
  const before = bench.run().readyBefore;
  if (!askService || !before) return;
  const { health } = bench.config;
  const policy = { ...health, successes: 1, deadline: Math.min(health.deadline, BACK_MS) };
  const reports = await askAll(bench, { askService, when: 'back', before, policy, checkpoint });
  await bench.emit({ kind: 'services-asked', when: 'back', reports });
  for (const text of failures(reports))
    await bench.emit({ kind: 'noted', text: bench.tail(`Gone back, and not ready yet: ${text}`) });
};
