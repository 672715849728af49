import type { Answered, ReadyReport } from '../probes/report.js';

const excused = ({ what, why }: Answered, reason: string): Answered => ({
  what,
  verdict: 'excused',
  why: `${reason}: ${why}`,
});

/**
 * What of the answers counts, by the answers from before: what was not well then is not required; what was not there
 * then (a process that was added, an orphan's row) is left out; what was well and is not listed any more is missed.
 */
export const required = (
  answers: readonly Answered[],
  before: ReadyReport | undefined,
): readonly Answered[] => {
  if (!before) return answers;
  const then = new Map(before.asked.map((one) => [one.what, one]));
  const judged = answers.flatMap((now): readonly Answered[] => {
    const was = then.get(now.what);
    if (!was) return [];
    if (was.verdict === 'well' || now.verdict === 'well' || now.verdict === 'excused') return [now];
    return [excused(now, was.verdict === 'excused' ? was.why : 'not well before the upgrade either')];
  });
  const listed = answers.every(({ verdict }) => verdict === 'well' || verdict === 'excused');
  const missing = before.asked.filter(
    ({ what, verdict }) => verdict === 'well' && !answers.some((now) => now.what === what),
  );
  return [
    ...judged,
    ...missing.map(
      ({ what }): Answered => ({
        what,
        verdict: 'waiting',
        why: listed ? 'it is not listed any more' : 'not known, as long as the list is not had',
      }),
    ),
  ];
};

export const isReady = (answers: readonly Answered[]): boolean =>
  answers.every(({ verdict }) => verdict === 'well' || verdict === 'excused');
