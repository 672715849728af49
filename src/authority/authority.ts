import { type Config, policyFor } from '../config.js';
import { Refusal } from '../errors.js';
import type { Actor } from '../run/event.js';
import type { Run } from '../run/run.js';
import { personOf } from './people.js';

export type Verb =
  | 'look'
  | 'upgrade'
  | 'approve'
  | 'break-glass'
  | 'reject'
  | 'cancel'
  | 'rollback'
  | 'finalize'
  | 'resume'
  | 'hold'
  | 'unhold';

type Role = 'viewer' | 'operator' | 'approver';

/** Roles of which one is enough. */
export const ROLES_FOR: Readonly<Record<Verb, readonly Role[]>> = {
  look: ['viewer', 'operator', 'approver'],
  upgrade: ['operator'],
  approve: ['approver'],
  'break-glass': ['operator'],
  reject: ['approver', 'operator'],
  cancel: ['operator', 'approver'],
  rollback: ['operator', 'approver'],
  finalize: ['approver'],
  resume: ['operator', 'approver'],
  hold: ['operator', 'approver'],
  unhold: ['operator', 'approver'],
};

const requireRole = (config: Config, actor: Actor, verb: Verb): void => {
  if (actor.door === 'bot' && verb === 'look') return;
  const person = personOf(config, actor);
  if (!person)
    throw new Refusal(
      'not-allowed',
      `${actor.name} (${actor.id}) is not among the people of this bot.`,
      `Whoever keeps its settings can add ${actor.door === 'cli' ? `\`login: ${actor.id}\`` : `\`slack: ${actor.id}\``} with a role under people.`,
    );
  const wanted = ROLES_FOR[verb];
  if (wanted.some((role) => person.roles.includes(role))) return;
  throw new Refusal(
    'not-allowed',
    `${person.name} has the role ${person.roles.join(', ')}; ${verb} needs ${wanted.join(' or ')}.`,
    'Ask somebody who has it, or have the people list changed.',
  );
};

/** Four eyes: the requester does not count unless the policy says so, and nobody counts twice. */
const requireOtherEyes = (config: Config, actor: Actor, run: Run, already: readonly Actor[]): void => {
  const { requester_counts } = policyFor(config, run.plan.service);
  if (!requester_counts && actor.id === run.requestedBy.id)
    throw new Refusal(
      'own-request',
      `${actor.name} asked for this upgrade and cannot approve it.`,
      'Somebody else with the role approver has to.',
    );
  if (already.some((other) => other.id === actor.id))
    throw new Refusal(
      'already-said',
      `${actor.name} has approved already.`,
      `One person counts once; ${run.quorum} are needed.`,
    );
};

/**
 * Who may do what: the one function that every door passes through, below the commands. `actor` is the identified one.
 * Throws a Refusal, or returns.
 */
export const authorize = (config: Config, request: { actor: Actor; verb: Verb; run?: Run }): void => {
  const { actor, verb, run } = request;
  requireRole(config, actor, verb);
  if (verb === 'break-glass' && actor.door !== 'cli')
    throw new Refusal(
      'not-allowed',
      'Glass is broken at the command line only.',
      'On the bot’s machine: npx stackswap upgrade <service> --break-glass "reason".',
    );
  if (run && verb === 'approve') requireOtherEyes(config, actor, run, run.approvals);
  if (run && verb === 'finalize' && run.phase === 'upgraded')
    requireOtherEyes(config, actor, run, run.finalizeApprovals);
};
