import type { Config, Role } from '../config.js';
import { messageOf } from '../errors.js';
import type { Actor } from '../run/event.js';
import { type Account, CannotTell, type Directory } from './directory.js';
import { identify, personOf } from './people.js';

/** Somebody as their door, the people list and the directory know them at this moment. */
export type Known = {
  /** The one identity of the person. */
  readonly actor: Actor;
  readonly roles: readonly Role[];
  /** Why this account may do nothing, whatever its roles. */
  readonly unfit?: string;
  /** Why it could not be looked up; then it may do nothing, either. */
  readonly untold?: { readonly why: string; readonly again: boolean };
};

/** Asks who somebody is. Never throws: what cannot be told is part of the answer. */
export type Recognise = (actor: Actor) => Promise<Known>;

const groupRoles = async (config: Config, directory: Directory, id: string): Promise<readonly Role[]> => {
  const roles = config.people.map(async (entry) => {
    if (entry.slack_group === undefined) return [];
    return (await directory.membersOf(entry.slack_group)).includes(id) ? entry.roles : [];
  });
  return (await Promise.all(roles)).flat();
};

const inSlack = async (config: Config, directory: Directory, asked: Actor): Promise<Known> => {
  const person = personOf(config, asked);
  const actor = identify(config, asked);
  // A group is asked only where the list does not name the person: who is listed keeps working when a group is gone.
  const [account, grouped]: [Account, readonly Role[]] = await Promise.all([
    directory.account({ ...asked, id: asked.account ?? asked.id }),
    person ? [] : groupRoles(config, directory, asked.id),
  ]);
  return {
    actor: person || account.name === undefined ? actor : { ...actor, name: account.name },
    roles: person?.roles ?? grouped,
    ...(account.unfit === undefined ? {} : { unfit: account.unfit }),
  };
};

/**
 * A Slack account is looked up in the directory; a login is the machine's word, and the people list says the rest. What
 * the program does by itself has no roles.
 */
export const recogniser =
  (config: Config, directory: Directory): Recognise =>
  async (asked) => {
    if (asked.door === 'bot') return { actor: asked, roles: [] };
    if (asked.door === 'cli')
      return { actor: identify(config, asked), roles: personOf(config, asked)?.roles ?? [] };
    try {
      return await inSlack(config, directory, asked);
    } catch (error) {
      const again = !(error instanceof CannotTell) || error.again;
      return { actor: identify(config, asked), roles: [], untold: { why: messageOf(error), again } };
    }
  };
