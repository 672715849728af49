/**
 * A refusal is not a bug: the request was understood and is turned down, with one sentence (why) and one way out.
 * Whatever else is thrown is a bug of ours and is reported as one.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly code: RefusalCode,
    /** What was refused and why: one sentence that names the thing. */
    readonly why: string,
    /** What the person can do now. */
    readonly wayOut: string,
  ) {
    super(`${why} ${wayOut}`);
  }
}

/** Every code a person can meet; a test keeps docs/refusals.md equal to it. */
export const REFUSAL_CODES = {
  'unknown-verb': 'the verb is not one of ours',
  'bad-arguments': 'the words behind the verb do not fit',
  'unknown-service': 'the service is not in the catalogue',
  'unknown-release': 'the release or tag cannot be understood',
  'unknown-run': 'no run bears that id',
  'unknown-host': 'no host of that name is in the hosts file',
  'no-containers': 'no container of the service was found on any host',
  'nothing-to-do': 'every container already runs the target',
  'plan-blocked': 'a finding of the plan blocks the upgrade',
  'plan-stale': 'what the plan was made from has moved',
  'run-open': 'the service has a run that is not over',
  'not-now': 'the run is in a phase in which this cannot be done',
  'not-allowed': 'the person has not the role',
  'cannot-tell': 'Slack does not say who the person is, or who can read the channel',
  'wrong-channel': 'the bot does not listen in that channel',
  'own-request': 'who asks for an upgrade cannot approve it',
  'too-many': 'the person has asked too often in a minute',
  'too-many-open': 'the person has too many requests that wait',
  'stale-click': 'the run has moved on since the button was drawn',
  'already-said': 'the person has already answered',
  expired: 'the request waited too long',
  'on-hold': 'the service is on hold',
  'not-held': 'the service is not on hold',
  'cannot-roll-back': 'what is needed to go back is gone',
  'no-backup-word': 'going back would need a backup that nobody vouched for',
  'engine-unreachable': 'a host that is needed does not answer, or is not in the hosts file',
  'state-locked': 'another process holds the state folder',
  'state-damaged': 'the journal or the snapshot does not verify',
  'state-newer': 'the journal was written by a newer Stackswap',
  'disk-full': 'the disk of the state folder is full',
  'bad-config': 'the settings do not fit their schema',
  'not-connected': 'no bot answers at the control socket',
} as const;

export type RefusalCode = keyof typeof REFUSAL_CODES;

/** By sysexits(3), so that a supervisor can tell them apart: 75 may pass by itself, 78 needs a person first. */
const EXITS: Partial<Record<RefusalCode, number>> = {
  'state-locked': 75,
  'state-damaged': 78,
  'state-newer': 78,
  'bad-config': 78,
};

/** With which code the bot ends for this error. */
export const exitFor = (error: unknown): number =>
  (error instanceof Refusal ? EXITS[error.code] : undefined) ?? 1;

/** The text of any error, never `[object Object]`. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : typeof error === 'string' ? error : JSON.stringify(error);
