import { messageOf } from '../errors.js';
import type { Link } from './ssh-link.js';

/** The one connection to a host: made when it is first needed, kept, and made anew when it was cut. */
export type KeptLink = {
  /** Rejects with the reason when there is none to be had; many callers at once share one attempt. */
  get(): Promise<Link>;
  /** Something went wrong over it: the next `get` asks the host first whether it still holds. */
  doubt(): void;
  close(): Promise<void>;
};

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 8_000;

/** After a failed attempt nothing is tried for a while, twice as long each time, and the last reason is given at once. */
const backOff = (now: () => number) => {
  let failures = 0;
  let notBefore = 0;
  let reason = '';
  return {
    check: () => {
      const left = notBefore - now();
      if (left > 0) throw new Error(`${reason} (not tried again for ${Math.ceil(left / 1_000)} s)`);
    },
    failed: (error: unknown) => {
      reason = messageOf(error);
      notBefore = now() + Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
      failures += 1;
    },
    worked: () => {
      failures = 0;
    },
  };
};

export const keptLink = (
  open: () => Promise<Link>,
  now: () => number = () => performance.now(),
): KeptLink => {
  const pause = backOff(now);
  let link: Link | undefined;
  let doubted = false;
  let closed = false;
  let getting: Promise<Link> | undefined;

  const stillGood = async (one: Link): Promise<boolean> => {
    if (one.lastWords() !== undefined) return false;
    if (!doubted) return true;
    doubted = false;
    return one.holds();
  };
  const renew = async (): Promise<Link> => {
    pause.check();
    try {
      const opened = await open();
      pause.worked();
      return opened;
    } catch (error) {
      pause.failed(error);
      throw error;
    }
  };
  const obtain = async (): Promise<Link> => {
    if (closed) throw new Error('the SSH connection was closed, because Stackswap ends');
    if (link && (await stillGood(link))) return link;
    const old = link;
    link = undefined;
    await old?.end();
    link = await renew();
    return link;
  };
  return {
    get: () => {
      getting ??= obtain().finally(() => {
        getting = undefined;
      });
      return getting;
    },
    doubt: () => {
      doubted = true;
    },
    close: async () => {
      closed = true;
      await getting?.catch(() => undefined);
      await link?.end();
      link = undefined;
    },
  };
};
