import type { Config, Person } from '../config.js';
import type { Actor } from '../run/event.js';

export const personOf = (config: Config, actor: Actor): Person | undefined =>
  config.people.find((person) =>
    actor.door === 'cli' ? person.login === actor.id || person.slack === actor.id : person.slack === actor.id,
  );

/**
 * The one identity of a person at every door, so that nobody counts twice by coming through two: the Slack id where
 * there is one, else the login.
 */
export const identify = (config: Config, actor: Actor): Actor => {
  const person = personOf(config, actor);
  return person
    ? { id: person.slack ?? person.login ?? actor.id, name: person.name, door: actor.door }
    : actor;
};
