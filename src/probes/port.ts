import { connect } from 'node:net';
import { messageOf } from '../errors.js';
import type { Probe } from './probe.js';

const TIMEOUT_MS = 2_000;

const accepts = (host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: TIMEOUT_MS });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('timeout', () => socket.destroy(new Error(`no connection in ${TIMEOUT_MS} ms`)));
    socket.once('error', reject);
  });

/** The API's port takes connections. */
export const port: Probe = async ({ url }) => {
  if (url === null) return { verdict: 'unknown', why: 'not reachable from here' };
  const { hostname, port: named, protocol } = new URL(url);
  try {
    // A URL holds an IPv6 address in brackets, a socket takes it without.
    await accepts(hostname.replace(/^\[|\]$/g, ''), Number(named || (protocol === 'https:' ? 443 : 80)));
    return { verdict: 'well', why: 'takes connections' };
  } catch (error) {
    return { verdict: 'waiting', why: messageOf(error) };
  }
};
