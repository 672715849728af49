import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';

/** Of TEST-NET-2 (RFC 5737), sixteen addresses a bridge; the first sixteen are the real OpenStack's. */
const BLOCKS = 15;
const MOST_TRIES = 50;

const addressOf = (block: number): string => `198.51.100.${block * 16 + 1}/28`;

const isTaken = (address: string): boolean =>
  execFileSync('ip', ['-o', '-4', 'addr'], { encoding: 'utf8' }).includes(` ${address} `);

/**
 * A bridge with some free addresses. An engine told `--bridge=none` would delete docker0, which is another engine's
 * (libnetwork, removeDefaultBridgeInterface).
 */
export const makeBridge = (name: string): void => {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const address = addressOf(1 + randomInt(BLOCKS));
    if (isTaken(address)) continue;
    execFileSync('ip', ['link', 'add', name, 'type', 'bridge']);
    execFileSync('ip', ['addr', 'add', address, 'dev', name]);
    execFileSync('ip', ['link', 'set', name, 'up']);
    return;
  }
  throw new Error('no free addresses for a bridge in 198.51.100.0/24');
};

export const removeBridge = (name: string): void => {
  execFileSync('ip', ['link', 'del', name]);
};
