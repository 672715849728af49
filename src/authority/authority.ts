import type { Config, Role } from '../config.js';
import { policyFor } from '../config.js';
import { Refusal } from '../errors.js';
import type { Actor } from '../run/event.js';
import { countedApprovals, type Run } from '../run/run.js';
import type { Known } from './known.js';

export type Verb =
  | 'look'
  | 'upgrade'
  | 'approve'
  | 'withdraw'
  | 'break-glass'
  | 'review'
  | 'reject'
  | 'cancel'
  | 'rollback'
  | 'finalize'
  | 'resume'
  | 'hold'
  | 'unhold';

/** Roles of which one is enough. */
export const ROLES_FOR: Readonly<Record<Verb, readonly Role[]>> = {
  look: ['viewer', 'operator', 'approver', 'breakglass'],
  upgrade: ['operator'],
  approve: ['approver'],
  // Of somebody who is no approver any more the word does not count at the start anyway.
  withdraw: ['approver'],
  'break-glass': ['breakglass'],
  review: ['approver'],
  reject: ['approver', 'operator'],
  cancel: ['operator', 'approver'],
  rollback: ['operator', 'approver'],
  finalize: ['approver'],
  resume: ['operator', 'approver'],
  hold: ['operator', 'approver'],
  unhold: ['operator', 'approver'],
};

/** The account itself: whoever is not who they should be is refused before any role is looked at. */
const requireAccount = ({ actor, unfit, untold }: Known): void => {
  if (unfit !== undefined)
    throw new Refusal(
      'not-allowed',
      `${actor.name} (${actor.id}) ${unfit}.`,
      'Only full members of this workspace are served, each by an account of their own.',
    );
  if (untold !== undefined)
    throw new Refusal(
      'cannot-tell',
      `Slack does not say who ${actor.name} (${actor.id}) is: ${untold.why}.`,
      'Nothing was done. Try again in a minute, or use the command line on the bot’s machine: npx stackswap.',
    );
};

const requireRole = (config: Config, { actor, roles }: Known, verb: Verb): void => {
  if (actor.door === 'bot') return;
  if (roles.length === 0)
    throw new Refusal(
      'not-allowed',
      `${actor.name} (${actor.id}) is not among the people of this bot.`,
      `Whoever keeps its settings can add “${actor.door === 'cli' ? 'login' : 'slack'}: ${actor.id}” with a role under people.`,
    );
  const wanted = ROLES_FOR[verb];
  if (wanted.some((role) => roles.includes(role))) return;
  const holders = config.people.filter((one) => one.roles.some((role) => wanted.includes(role)));
  throw new Refusal(
    'not-allowed',
    `${actor.name} has the role ${roles.join(', ')}; ${verb} needs ${wanted.join(' or ')}.`,
    holders.length === 0
      ? 'Nobody in the people list has it: have the list changed.'
      : `Ask ${holders
          .slice(0, 5)
          .map(({ name }) => name)
          .join(', ')}, or have the people list changed.`,
  );
};

const requireDoor = ({ actor }: Known, verb: Verb): void => {
  if (actor.door === 'bot' && verb !== 'look')
    throw new Refusal(
      'not-allowed',
      'What people decide is not decided by the program.',
      'This is a bug: please report it.',
    );
  if (verb === 'break-glass' && actor.door !== 'cli')
    throw new Refusal(
      'not-allowed',
      'Glass is broken at the command line only.',
      'On the bot’s machine: npx stackswap upgrade <service> --break-glass "reason".',
    );
};

type Words = { readonly run: Run; readonly already: readonly Actor[]; readonly needed: number };

/** Four eyes: the requester does not count unless the policy of then and of now says so, and nobody counts twice. */
const requireOtherEyes = (config: Config, actor: Actor, { run, already, needed }: Words): void => {
  const counts = run.requesterCounts && policyFor(config, run.plan.service).requester_counts;
  if (!counts && actor.id === run.requestedBy.id)
    throw new Refusal(
      'own-request',
      `${actor.name} asked for this upgrade and cannot approve it.`,
      'Somebody else with the role approver has to.',
    );
  if (already.some((other) => other.id === actor.id))
    throw new Refusal(
      'already-said',
      `${actor.name} has approved already.`,
      `One person counts once; ${needed} are needed.`,
    );
};

/** Where all needed words were said and the process died before it acted on them, the last one is said again. */
const finalizeWords = (run: Run): Words => {
  const needed = run.finalizeOf ?? run.quorum;
  const said = countedApprovals({ ...run, approvals: run.finalizeApprovals });
  return { run, already: said.length >= needed ? [] : run.finalizeApprovals, needed };
};

const requireOwnWord = (actor: Actor, run: Run): void => {
  if (run.brokeGlass)
    throw new Refusal(
      'not-now',
      `Run ${run.id} was started by ${run.brokeGlass.by.name} without approvals, so there is none to withdraw.`,
      `To stop it: cancel ${run.id}.`,
    );
  if (!run.approvals.some(({ id }) => id === actor.id))
    throw new Refusal(
      'not-allowed',
      `${actor.name} has not approved run ${run.id}, and only a word of one’s own is withdrawn.`,
      `To stop it: reject or cancel ${run.id}.`,
    );
};

const requireReviewer = (actor: Actor, run: Run): void => {
  const involved = [run.requestedBy.id, run.brokeGlass?.by.id];
  if (involved.includes(actor.id))
    throw new Refusal(
      'own-request',
      `${actor.name} broke the glass or asked for this run, and cannot review it.`,
      'Somebody else with the role approver has to.',
    );
};

export type Claim = { readonly known: Known; readonly verb: Verb; readonly run?: Run };

/**
 * Who may do what: the one function that every door passes through, before a command runs and again before anything is
 * journaled. What it is not told is not allowed. Throws a Refusal, or returns.
 */
export const authorize = (config: Config, { known, verb, run }: Claim): void => {
  const { actor } = known;
  requireAccount(known);
  requireDoor(known, verb);
  requireRole(config, known, verb);
  if (run === undefined) return;
  if (verb === 'approve')
    requireOtherEyes(config, actor, { run, already: run.approvals, needed: run.quorum });
  if (verb === 'withdraw') requireOwnWord(actor, run);
  if (verb === 'review') requireReviewer(actor, run);
  if (verb === 'finalize' && run.phase === 'upgraded') requireOtherEyes(config, actor, finalizeWords(run));
};

export const allows = (config: Config, claim: Claim): boolean => {
  try {
    authorize(config, claim);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
};
