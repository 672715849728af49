import type { Line, Span } from '../command.js';
import type { Actor } from '../run/event.js';
import { countedApprovals, type Run } from '../run/run.js';
import { FINGERPRINT_LENGTH } from './buttons.js';
import { count, listedSpans, oneLine, sentence } from './words.js';

const doorWords = (actor: Actor): string => (actor.door === 'cli' ? ' (command line)' : '');

const said = (run: Run, actor: Actor): readonly Span[] => {
  const at = run.approvedAt?.[actor.id];
  return [{ person: actor }, doorWords(actor), ...(at === undefined ? [] : [' at ', { time: at }])];
};

const approvedBy = (run: Run): Line => {
  const people = countedApprovals(run).map((actor) => said(run, actor));
  return people.flatMap((spans, at) => [
    ...(at === 0 ? [] : [at === people.length - 1 ? ' and ' : ', ']),
    ...spans,
  ]);
};

const waiting = (run: Run): readonly Line[] => {
  const given = countedApprovals(run);
  return [
    [
      { bold: `${given.length} of ${count(run.quorum, 'approval')}` },
      ...(given.length > 0 ? [': approved by ', ...approvedBy(run)] : []),
      '. Waits until ',
      { time: run.expiresAt },
      '.',
    ],
    run.requesterCounts
      ? ['Approvers may answer, and ', { person: run.requestedBy }, ', who asked, counts as one if approver.']
      : ['Approvers may answer; ', { person: run.requestedBy }, ' asked, and so may not approve.'],
    [
      'An approval counts for this plan only (',
      { code: run.fingerprint.slice(0, FINGERPRINT_LENGTH) },
      '): if what is there changes, it is void.',
    ],
  ];
};

const because = (reason: string | undefined): string =>
  reason === undefined ? '.' : `: ${sentence(oneLine(reason))}`;

const at = (time: string | undefined): readonly Span[] => (time === undefined ? [] : [' at ', { time }]);

/** Who decided, and when; what stands where the buttons were. */
const decided = (run: Run): Line => {
  const by: readonly Span[] = run.decidedBy
    ? [' by ', { person: run.decidedBy }, doorWords(run.decidedBy)]
    : [];
  switch (run.phase) {
    case 'rejected':
      return [{ bold: 'Rejected' }, ...by, ...at(run.endedAt), because(run.decisionReason)];
    case 'cancelled':
      return [{ bold: 'Cancelled' }, ...by, ...at(run.endedAt), '.'];
    case 'expired':
      return [
        { bold: 'Expired' },
        ...at(run.endedAt),
        `, with ${countedApprovals(run).length} of ${count(run.quorum, 'approval')}.`,
      ];
    default:
      if (run.brokeGlass)
        return [
          { bold: 'Started without approvals' },
          ' by ',
          { person: run.brokeGlass.by },
          doorWords(run.brokeGlass.by),
          ', who broke the glass',
          because(run.brokeGlass.reason),
        ];
      return run.quorum === 0
        ? ['No approval was needed.']
        : [{ bold: 'Approved' }, ' by ', ...approvedBy(run), '.'];
  }
};

/** The state of a request's approvals: who may, who did, how long it waits; or how it was decided. */
export const approvalLines = (run: Run): readonly Line[] =>
  run.phase === 'proposed' ? waiting(run) : [decided(run)];

/** Who agreed to Finalize: while it waits for the quorum, and afterwards in the place of its button. */
export const finalizeApprovalLine = (run: Run): Line | undefined => {
  const people = [...new Map(run.finalizeApprovals.map((person) => [person.id, person])).values()];
  if (people.length === 0 || run.direction === 'back') return undefined;
  const by = listedSpans(people.map((person) => ({ person })));
  if (run.phase === 'upgraded')
    return [
      `Finalize: ${people.length} of ${count(run.finalizeOf ?? run.quorum, 'approval')}, by `,
      ...by,
      '.',
    ];
  return run.phase === 'finalized'
    ? [{ bold: 'Finalized' }, ' by ', ...by, ...at(run.endedAt), '.']
    : [{ bold: 'Finalize' }, ', by ', ...by, '.'];
};
