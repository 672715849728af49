import { type Check, type HostCheck, know, mend, well } from './check.js';

const KNOW_MS = 2_000;

/**
 * Half of what a Fernet token's reader bears: python-cryptography refuses tokens from more than 60 s in the future
 * (cryptography/fernet.py, _MAX_CLOCK_SKEW).
 */
const MEND_MS = 30_000;

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

const judge = (differenceMs: number): Check => {
  const apart = Math.abs(differenceMs);
  if (apart <= KNOW_MS) return well('clock', 'Its clock and ours agree.');
  const what = `The host’s clock is ${seconds(apart)} ${differenceMs > 0 ? 'ahead of' : 'behind'} ours.`;
  const wayOut =
    'Look at `chronyc tracking` on the host and on this machine, and mend the one that is wrong.';
  return apart > MEND_MS
    ? mend('clock', {
        what,
        why: 'Keystone’s tokens are refused by a host that is a minute behind, and heartbeats look dead.',
        wayOut,
      })
    : know('clock', {
        what,
        why: 'The age of containers is told from it, and tokens and heartbeats suffer when it grows.',
        wayOut,
      });
};

/** The engine's SystemTime against our clock in the middle of the question; half of its duration stays uncertain. */
export const clock: HostCheck = async ({ info, asked }) => {
  const theirs = Date.parse(info.systemTime ?? '');
  if (Number.isNaN(theirs))
    return [well('clock', 'The engine does not tell its time, so clocks were not compared.')];
  const middle = (asked.at + asked.answeredAt) / 2;
  const unsure = (asked.answeredAt - asked.at) / 2;
  const difference = theirs - middle;
  const sure = Math.sign(difference) * Math.max(0, Math.abs(difference) - unsure);
  return [judge(sure)];
};
