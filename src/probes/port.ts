import { connect } from 'node:net';
import { messageOf } from '../errors.js';
import type { Probe } from './probe.js';
import { hostOf, isInReach, OUT_OF_REACH, pinnedLookup, requireAddress } from './reach.js';

const TIMEOUT_MS = 2_000;

const accepts = (host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    requireAddress(host);
    const socket = connect({ host, port, lookup: pinnedLookup, timeout: TIMEOUT_MS });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('timeout', () => socket.destroy(new Error(`no connection in ${TIMEOUT_MS} ms`)));
    socket.once('error', reject);
  });

/** The API's port takes connections. */
export const port: Probe = async ({ url, reach }) => {
  if (url === null) return { verdict: 'unknown', why: 'not reachable from here' };
  if (!isInReach(url, reach)) return OUT_OF_REACH;
  const asked = new URL(url);
  const { port: named, protocol } = asked;
  try {
    await accepts(hostOf(asked), Number(named || (protocol === 'https:' ? 443 : 80)));
    return { verdict: 'well', why: 'takes connections' };
  } catch (error) {
    return { verdict: 'waiting', why: messageOf(error) };
  }
};
