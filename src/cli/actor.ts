import { userInfo } from 'node:os';
import { identify } from '../authority/people.js';
import type { Config } from '../config.js';
import { Refusal } from '../errors.js';
import type { Actor } from '../run/event.js';

/**
 * Who sits at the terminal: the person behind `sudo`, else the account of this process. It names people for the
 * journal and proves nothing: what keeps strangers out is the state folder's mode 0700.
 */
export const loginName = (env: Record<string, string | undefined> = process.env): string =>
  env.SUDO_USER !== undefined && env.SUDO_USER !== '' && env.SUDO_UID !== undefined
    ? env.SUDO_USER
    : userInfo().username;

/** The person that the settings map a login name to. Throws `not-allowed`. */
export const actorOf = (config: Config, login: string): Actor => {
  if (config.people.some((person) => person.login === login))
    return identify(config, { id: login, name: login, door: 'cli' });
  throw new Refusal(
    'not-allowed',
    `The login name "${login}" belongs to nobody in the people list.`,
    `Add "login: ${login}" to that person under people in the settings, then start Stackswap again.`,
  );
};
