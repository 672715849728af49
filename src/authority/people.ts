import type { Config, Person } from '../config.js';
import type { Actor } from '../run/event.js';

const hasAccount = (person: Person, id: string): boolean =>
  person.slack === id || person.slack_also?.includes(id) === true;

/** The entry that names an account. At the command line only who has a login counts, whatever else they have. */
export const personOf = (config: Config, { id, door }: Actor): Person | undefined =>
  config.people.find((person) =>
    door === 'cli'
      ? person.login === id || (person.login !== undefined && person.slack === id)
      : hasAccount(person, id),
  );

/**
 * The one identity of a person at every door and behind every account, so that nobody counts twice by coming through
 * two: the first Slack id where there is one, else the login. The account that was used stays beside it.
 */
export const identify = (config: Config, actor: Actor): Actor => {
  const person = personOf(config, actor);
  if (!person) return actor;
  const id = person.slack ?? person.login ?? actor.id;
  const other = actor.door === 'slack' && id !== actor.id ? { account: actor.id } : {};
  return { ...actor, id, name: person.name, ...other };
};
