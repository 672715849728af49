import { Refusal } from '../errors.js';
import type { Clock } from '../probes/clock.js';

/** Milliseconds that a request may wait for Slack before it is turned down. */
export const STANDING_WITHIN_MS = 10_000;

/** Milliseconds after its arrival within which a request is begun, or not at all. */
export const BEGUN_WITHIN_MS = 30_000;

const CLI = 'or use the command line on the bot’s machine: npx stackswap.';

/** The bot cannot tell yet whether a request is from its own workspace. */
export const homeUnknown = (): Refusal =>
  new Refusal(
    'cannot-tell',
    'Slack does not tell the bot which workspace it serves.',
    `Nothing was done. Ask again in a minute, ${CLI}`,
  );

/**
 * From when a request arrives: throws `cannot-tell` once it is too old to be begun. Whoever got no answer asks again or
 * does it by other means, and what was asked first must not be done after that.
 */
export const arrival = (clock: Clock): (() => void) => {
  const at = clock.now();
  return () => {
    const seconds = Math.round((clock.now() - at) / 1_000);
    if (clock.now() - at > BEGUN_WITHIN_MS)
      throw new Refusal(
        'cannot-tell',
        `It took ${seconds} seconds to learn from Slack who asks and where: what was asked so long ago is not done any more.`,
        `Nothing was done. Look at how things stand and ask again, ${CLI}`,
      );
  };
};
