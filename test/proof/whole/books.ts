import { fingerprintOf } from '../../../src/plan/plan.js';
import type { RunEvent } from '../../../src/run/event.js';
import { OVER } from '../../../src/run/phase.js';
import type { Run } from '../../../src/run/run.js';
import type { Call, CallRecord } from '../../../src/sim/faults.js';
import { isAbout } from '../intended.js';
import type { Stage } from './stage.js';

/** Calls that may be made under an intent, by the journal's word for it. */
const UNDER: Readonly<Record<string, readonly Call[]>> = {
  pull: ['pull'],
  create: ['create'],
  stop: ['stop', 'unit stop', 'unit clear'],
  // Past a unit that cannot be reached the start keeps the other version quiet.
  start: ['start', 'unit start', 'unit clear', 'stop'],
  rename: ['rename'],
  update: ['setRestartPolicy'],
  remove: ['remove'],
  write: ['writeArchive'],
  drain: ['exec'],
  ready: ['exec'],
};

/** Longer than an engine is at any call of a process that died: milliseconds. */
const LONGEST_MS = 120_000;

type Intent = {
  readonly op: string;
  readonly host: string;
  readonly target: string;
  used: number;
  ended: boolean;
  overtaken?: boolean;
};

/** What the journal has said of one run so far. */
type Book = {
  intent: Intent | undefined;
  /** Those of processes that died under them: an engine may still be at it until then. */
  left: readonly { readonly intent: Intent; readonly until: number }[];
  back: boolean;
  /** Steps whose beginning was journaled right after the decision to go back. */
  late: number;
  over: boolean;
  noted: boolean;
};

/** I7: from here on nothing of the way forward may be journaled. */
const FORWARD: readonly RunEvent['kind'][] = ['started', 'upgraded', 'finalizing', 'finalized', 'voided'];
/** After the end only words: where a message stands, what somebody should read. */
const AFTER_END: readonly string[] = ['posted', 'noted', 'anchored'];

/** Said by the one who made the call, when he gives up. */
const GIVES_UP: readonly RunEvent['kind'][] = [
  'step-failed',
  'noted',
  'asked',
  'failed',
  'finalize-failed',
  'stuck',
];

/** Invariants I7 to I10, from the journal and from the calls that were made meanwhile. */
export const keepBooks = (stage: Stage) => {
  const { kept, diary, scene, clock } = stage;
  const books = new Map<string, Book>();
  const bookOf = (run: string): Book => {
    const book = books.get(run) ?? {
      intent: undefined,
      left: [],
      back: false,
      late: 0,
      over: false,
      noted: false,
    };
    books.set(run, book);
    return book;
  };

  /** I10, at the moment in which the run begins. */
  const judgeStart = (run: Run, events: { readonly approvals: readonly string[] }): readonly string[] => {
    const { policy, people } = stage.settings.config;
    const approvers = people.filter(({ roles }) => roles.includes('approver')).map(({ slack }) => slack);
    const valid = new Set(
      events.approvals.filter(
        (id) => approvers.includes(id) && (policy.requester_counts || id !== run.requestedBy.id),
      ),
    );
    return [
      ...(valid.size >= Math.max(run.quorum, policy.approvals)
        ? []
        : [`I10: run ${run.id} began with ${valid.size} approvals that count`]),
      ...(fingerprintOf(run.plan) === run.fingerprint
        ? []
        : [`I10: the plan of run ${run.id} is not the one whose fingerprint was approved`]),
    ];
  };

  /** I9. */
  const judgeRequest = (): readonly string[] => {
    const open = Object.values(kept.state().runs).filter(({ phase }) => !OVER.includes(phase));
    return open.length > 1
      ? [`I9: ${open.map(({ id, phase }) => `${id} (${phase})`).join(' and ')} are open at once`]
      : [];
  };

  /** I8: an intent under which something was done is answered, or the run says that it was interrupted. */
  const closeIntent = (id: string, book: Book, next: RunEvent): readonly string[] => {
    const { intent } = book;
    // A person's roll back waits for the call's end, and then looks at everything, whether that could be journaled or not.
    if (intent && !intent.ended && next.kind === 'rollback') intent.overtaken = true;
    if (!intent || intent.ended || intent.overtaken || intent.used === 0) return [];
    // That its end could not be journaled is why the step failed, and says that it is not known.
    if (GIVES_UP.includes(next.kind)) intent.ended = true;
    if (next.kind !== 'call' && next.kind !== 'step-done') return [];
    return [`I8: run ${id} never said what became of "${intent.op} ${intent.target}"`];
  };

  const judgeEvent = (id: string, event: RunEvent): readonly string[] => {
    const run = kept.state().runs[id];
    const book = bookOf(id);
    const found: string[] = [];
    if (event.kind === 'requested') found.push(...judgeRequest());
    if (event.kind === 'started' && run)
      found.push(...judgeStart(run, { approvals: run.approvals.map((one) => one.id) }));
    // One step's beginning may be on its way to the disk when the decision is: it is begun, and nothing is done in it.
    const begins = event.kind === 'step-started' && event.part === 'steps';
    if (book.back && begins) book.late += 1;
    if (book.back && (FORWARD.includes(event.kind) || (begins && book.late > 1)))
      found.push(`I7: run ${id} went forward again (${event.kind}) after it was decided to go back`);
    if (book.over && !AFTER_END.includes(event.kind))
      found.push(`I7: run ${id} was over, and then came ${event.kind}`);
    found.push(...closeIntent(id, book, event));
    if (event.kind === 'call') {
      book.intent = { op: event.op, host: event.host, target: event.target, used: 0, ended: false };
    }
    if (event.kind === 'call-ended' && book.intent) book.intent.ended = true;
    if (event.kind === 'interrupted' && book.intent) {
      book.left = [...book.left, { intent: book.intent, until: clock.now() + LONGEST_MS }];
      book.intent = undefined;
    }
    if (event.kind === 'rollback') book.back = true;
    book.noted = event.kind === 'noted' || (book.noted && AFTER_END.includes(event.kind));
    book.over = run !== undefined && OVER.includes(run.phase);
    return found;
  };

  stage.heard.add((run, event) => {
    if (run === undefined) return;
    for (const sentence of judgeEvent(run, event as RunEvent)) diary.blame(sentence);
  });

  /** I8: an intent with lower sequence for every call that changes something, made or tried. */
  const judgeCall = (record: CallRecord): readonly string[] => {
    const { call, host, name, target } = record;
    const all = [...books.values()];
    const under = all
      .flatMap(({ intent, left }) => [
        intent,
        ...left.filter(({ until }) => clock.now() <= until).map((one) => one.intent),
      ])
      .find(
        (one) =>
          one &&
          !one.ended &&
          one.host === host &&
          UNDER[one.op]?.includes(call) &&
          isAbout(one.target, record),
      );
    if (under) under.used += 1;
    // A server that was left drained is put back with a note in place of a step's intent.
    if (under || (call === 'exec' && all.some(({ noted }) => noted))) return [];
    return [`I8: ${call} ${name ?? target} on ${host} has no intent in the journal`];
  };
  scene.cloud.onCall((record) => {
    for (const sentence of judgeCall(record)) diary.blame(sentence);
  });
};
