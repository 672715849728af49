import { realClock } from '../probes/clock.js';

/**
 * Remembers keys for a while, so that a request that is delivered twice is done once: Slack repeats events, Bolt accepts
 * a replayed signed request for 5 minutes, and a local Slack sends each envelope to every connection.
 */
export const remember = ({
  ttlMs,
  most = 10_000,
  now = realClock.now,
}: {
  ttlMs: number;
  most?: number;
  now?: () => number;
}) => {
  const seen = new Map<string, number>();
  const forget = () => {
    for (const [key, until] of seen) {
      if (until > now() && seen.size <= most) return;
      seen.delete(key);
    }
  };
  /** True the first time within the time to live. */
  return (key: string): boolean => {
    const until = seen.get(key);
    if (until !== undefined && until > now()) return false;
    seen.delete(key);
    seen.set(key, now() + ttlMs);
    forget();
    return true;
  };
};
