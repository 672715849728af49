import type { Actor } from '../run/event.js';

/** What a directory says of an account at this moment. */
export type Account = {
  /** Why it may do nothing here, as the end of a sentence that begins with the person; absent where it is in order. */
  readonly unfit?: string;
  /** The name it goes by there; only for people whom the people list does not name. */
  readonly name?: string;
};

/** Nobody could be asked. Whoever would change something is then refused: what is not known is not allowed. */
export class CannotTell extends Error {
  override readonly name = 'CannotTell';
  constructor(
    why: string,
    /** Whether asking again a little later can help. */
    readonly again = true,
  ) {
    super(why);
  }
}

/**
 * Where accounts are looked up that the people list only names: Slack. Answers may be a minute old, and no older; all
 * questions throw `CannotTell`.
 */
export type Directory = {
  account(actor: Actor): Promise<Account>;
  /** User ids in a user group. */
  membersOf(group: string): Promise<readonly string[]>;
  /** Why what was said in the bot's channel does not count now: who reads along; `undefined` where it counts. */
  outsiders(): Promise<string | undefined>;
  /** The next answers are asked for anew. */
  forget(): void;
};

/** Believes the people list: for tests and simulations, where no Slack is there to be asked. */
export const LISTED_ONLY: Directory = {
  account: async () => ({}),
  membersOf: async () => [],
  outsiders: async () => undefined,
  forget: () => undefined,
};

/** For a process that does not talk to Slack: what was said there counts no more than it can be looked up. */
export const outOfReach = (why: string): Directory => {
  const cannot = async () => {
    throw new CannotTell(why, false);
  };
  return { account: cannot, membersOf: cannot, outsiders: cannot, forget: () => undefined };
};
