import type { HealthPolicy } from '../config.js';
import type { Clock } from '../probes/clock.js';
import type { ReadyReport } from '../probes/report.js';

export type Rounds = {
  readonly ask: () => Promise<ReadyReport>;
  readonly policy: Pick<HealthPolicy, 'interval' | 'successes' | 'deadline'>;
  readonly clock: Clock;
  /** Called before each round; throws to end the asking. */
  readonly checkpoint?: () => void;
};

/**
 * Asks until `successes` rounds in a row are ready, or as many say clearly that waiting does not help, or the deadline
 * is over. The last report, with the time of all rounds in milliseconds.
 */
export const askRounds = async ({ ask, policy, clock, checkpoint }: Rounds): Promise<ReadyReport> => {
  const began = clock.now();
  let well = 0;
  let ill = 0;
  for (;;) {
    checkpoint?.();
    const report = await ask();
    const tookMs = clock.now() - began;
    well = report.ready ? well + 1 : 0;
    ill = report.asked.some(({ verdict }) => verdict === 'ill') ? ill + 1 : 0;
    const decided = well >= policy.successes || ill >= policy.successes || report.asked.length === 0;
    if (decided || tookMs >= policy.deadline) return { ...report, tookMs };
    await clock.sleep(policy.interval);
  }
};

/** `volumes listed answers 503; a token issued refuses connections`: what is not well in a report. */
export const notReadyWords = ({ asked }: ReadyReport): string =>
  asked
    .filter(({ verdict }) => verdict === 'waiting' || verdict === 'ill')
    .map(({ what, why }) => `${what}: ${why}`)
    .join('; ');
