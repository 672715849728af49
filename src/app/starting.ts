import { allows } from '../authority/authority.js';
import { CannotTell, type Directory } from '../authority/directory.js';
import type { Known, Recognise } from '../authority/known.js';
import { policyFor } from '../config.js';
import { messageOf, Refusal } from '../errors.js';
import { whatMoved } from '../plan/moved.js';
import { fingerprintOf } from '../plan/plan.js';
import type { RunEvent } from '../run/event.js';
import { countedApprovals, type Run } from '../run/run.js';
import type { Workshop } from '../run/runner.js';
import { RULES_CHANGED, rulesChanged } from './desk.js';
import type { Exclusive } from './exclusive.js';
import { planNow } from './looking.js';
import { installs } from './target-configs.js';

export type Starting = {
  readonly workshop: Workshop;
  readonly recognise: Recognise;
  readonly directory: Directory;
  readonly exclusive: Exclusive;
};

/** Longest time between the breaking of the glass and the start, in milliseconds. */
const GLASS_MS = 1_800_000;

/** After how many milliseconds a directory or a host that did not answer is asked again. */
const ASK_AGAIN_MS = 5_000;
/** How often the hosts are looked at in vain before the run is void: half a minute, and nothing was changed. */
const MOST_LOOKS = 6;
/** Findings that an answer may stand behind which was lost. */
const MAY_PASS: readonly string[] = ['host-unreachable', 'units-unreadable', 'config-pair'];

/** `why`: the run may not start. `untold`: that cannot be told yet. Neither: it may. */
type Judgement = {
  readonly why?: string;
  readonly untold?: { readonly why: string; readonly again: boolean };
};

/** The latest time at which the run may start, in epoch milliseconds. */
const startBy = ({ config }: Workshop, run: Run): number => {
  if (run.brokeGlass) return Date.parse(run.brokeGlass.at) + GLASS_MS;
  const times = countedApprovals(run).map(({ id }) => Date.parse(run.approvedAt?.[id] ?? run.requestedAt));
  return Math.max(...times, Date.parse(run.requestedAt)) + policyFor(config, run.plan.service).start_within;
};

const judgeGlass = ({ workshop: { config } }: Starting, known: Known): Judgement =>
  allows(config, { known, verb: 'break-glass' })
    ? {}
    : { why: `${known.actor.name}, who broke the glass, may not do that any more` };

const judgeApprovals = ({ workshop: { config } }: Starting, run: Run, known: readonly Known[]): Judgement => {
  const may = known.filter((one) => allows(config, { known: one, verb: 'approve' }));
  const people = new Set(may.map(({ actor }) => actor.id));
  const needed = Math.max(run.quorum, policyFor(config, run.plan.service).approvals);
  if (people.size >= needed) return {};
  const untold = known.find((one) => one.untold !== undefined)?.untold;
  return untold ? { untold } : { why: `${people.size} of ${needed} approvals still count` };
};

/** Approvals are judged once more by the people, the groups, the accounts and the policy of now. */
const judgePeople = async (starting: Starting, run: Run): Promise<Judgement> => {
  const { config } = starting.workshop;
  if (rulesChanged(config, run)) return { why: RULES_CHANGED };
  const requester = await starting.recognise(run.requestedBy);
  // An outage says nothing against who asked; it is the approvals that must be sure.
  if (requester.untold === undefined && !allows(config, { known: requester, verb: 'upgrade' }))
    return { why: `${run.requestedBy.name}, who asked for it, may not do that any more` };
  if (run.brokeGlass) return judgeGlass(starting, await starting.recognise(run.brokeGlass.by));
  return judgeApprovals(starting, run, await Promise.all(countedApprovals(run).map(starting.recognise)));
};

/** What was said in a channel that outsiders read by now, or are invited to, is not acted on. */
const judgePlace = async ({ directory }: Starting, run: Run): Promise<Judgement> => {
  if (run.brokeGlass || countedApprovals(run).every(({ door }) => door !== 'slack')) return {};
  try {
    const why = await directory.outsiders();
    return why === undefined ? {} : { why: `it was approved in Slack, and ${why}` };
  } catch (error) {
    return { untold: { why: messageOf(error), again: !(error instanceof CannotTell) || error.again } };
  }
};

const judgeWords = async (starting: Starting, run: Run): Promise<Judgement> => {
  const people = await judgePeople(starting, run);
  return people.why !== undefined || people.untold ? people : judgePlace(starting, run);
};

/** What people agreed to is what is there now, and nothing blocks it. */
const judgePlan = async ({ workshop }: Starting, run: Run): Promise<Judgement> => {
  const { service, to, overrides } = run.plan;
  const plan = await planNow(workshop, { service, to: to.tag, overrides }, run.id);
  const blocking = plan.findings.find((finding) => finding.level === 'block');
  if (blocking && MAY_PASS.includes(blocking.code))
    throw new Refusal('engine-unreachable', blocking.text, blocking.wayOut ?? '');
  if (blocking) return { why: blocking.text };
  return fingerprintOf(plan) === run.fingerprint ? {} : { why: whatMoved(run.plan, plan) };
};

const isSilence = (error: unknown): boolean =>
  error instanceof Refusal && error.code === 'engine-unreachable';

/** One lost answer says nothing against a plan that people approved: the hosts are looked at a few times. */
const judgePlanPatiently = async (starting: Starting, run: Run): Promise<Judgement> => {
  const { clock, stopping } = starting.workshop;
  for (let looks = 1; ; looks += 1) {
    try {
      return await judgePlan(starting, run);
    } catch (error) {
      const why = messageOf(error);
      if (!isSilence(error) || looks >= MOST_LOOKS) return { why };
      if (stopping()) return { untold: { why, again: true } };
      await clock.sleep(ASK_AGAIN_MS);
    }
  }
};

const judge = async (starting: Starting, run: Run): Promise<Judgement> => {
  const before = await judgeWords(starting, run);
  if (before.why !== undefined || before.untold) return before;
  const plan = await judgePlanPatiently(starting, run);
  if (plan.untold) return plan;
  // Looking at the hosts takes its time, and somebody may have left meanwhile.
  return plan.why === undefined ? judgeWords(starting, run) : plan;
};

const voided = (why: string): RunEvent => ({ kind: 'voided', why });

/** Asks until it can be told, or until it is too late. `undefined`: the run is left as it is. */
const verdictOn = async (starting: Starting, run: Run): Promise<RunEvent | undefined> => {
  const { clock, journal, stopping } = starting.workshop;
  const latest = startBy(starting.workshop, run);
  for (;;) {
    starting.directory.forget();
    const { why, untold } = await judge(starting, run);
    if (why !== undefined) return voided(why);
    if (clock.now() > latest)
      return voided(`the ${run.brokeGlass ? 'glass was broken' : 'last approval was given'} too long ago`);
    if (!untold) return { kind: 'started' };
    if (stopping()) return undefined;
    if (clock.now() + ASK_AGAIN_MS > latest || !untold.again)
      return voided(`Slack does not say whether those who approved still may (${untold.why})`);
    await clock.sleep(ASK_AGAIN_MS);
    if (journal.state().runs[run.id]?.phase !== 'approved') return undefined;
  }
};

const startApproved = async (starting: Starting, id: string): Promise<void> => {
  const { journal, tail } = starting.workshop;
  const run = journal.state().runs[id];
  if (!run) return;
  const verdict = await verdictOn(starting, run);
  await starting.exclusive(async () => {
    const now = journal.state().runs[id];
    // Rejected, cancelled or withdrawn meanwhile; and what was judged are not the approvals of now.
    if (!verdict || now?.phase !== 'approved' || now.approvals !== run.approvals) return;
    await journal.append(id, verdict.kind === 'voided' ? { ...verdict, why: tail(verdict.why) } : verdict);
  });
};

/**
 * The approved plan is made anew from what is there now, and the approvals are asked for anew: they bind to what was
 * seen, and to those who may give them. Anything that moved voids the run, with nothing changed. What the run installs
 * is not being rendered while it is judged, nor after it started.
 */
export const startInTurn = (starting: Starting, id: string): Promise<void> => {
  const { journal, oneRendering } = starting.workshop;
  const plan = journal.state().runs[id]?.plan;
  const start = () => startApproved(starting, id);
  return plan && installs(plan) ? oneRendering(start) : start();
};
