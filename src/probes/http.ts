import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { messageOf } from '../errors.js';
import type { Probe } from './probe.js';
import { hostOf, isInReach, OUT_OF_REACH, pinnedLookup, requireAddress } from './reach.js';

/** Answers longer than this are cut off: only the status counts. */
const MAX_BYTES = 65_536;

/**
 * One GET on a fresh connection; resolves with the status, rejects when no answer came in `timeoutMs`. Redirects are
 * not followed. A certificate is not verified, as Kolla's own `healthcheck_curl -k` does not: nothing secret is sent, and
 * only the status is read.
 */
export const statusOf = (url: string, timeoutMs: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const at = new URL(url);
    requireAddress(hostOf(at));
    const send = at.protocol === 'https:' ? httpsRequest : httpRequest;
    const asked = send(
      at,
      {
        agent: false,
        lookup: pinnedLookup,
        rejectUnauthorized: false,
        headers: { connection: 'close' },
      },
      (answer) => {
        let seen = 0;
        answer.on('data', (chunk: Buffer) => {
          seen += chunk.length;
          if (seen <= MAX_BYTES) return;
          resolve(answer.statusCode ?? 0);
          asked.destroy();
        });
        answer.on('end', () => resolve(answer.statusCode ?? 0));
        answer.on('close', () => resolve(answer.statusCode ?? 0));
        answer.on('error', reject);
      },
    );
    const timer = setTimeout(() => asked.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    asked.on('error', reject);
    asked.on('close', () => clearTimeout(timer));
    asked.end();
  });

const TIMEOUT_MS = 5_000;

/** The API's health path, asked directly at its host and not at a load balancer. */
export const http: Probe = async ({ url, expect, reach }) => {
  if (url === null) return { verdict: 'unknown', why: 'not reachable from here' };
  if (!isInReach(url, reach)) return OUT_OF_REACH;
  try {
    const status = await statusOf(url, TIMEOUT_MS);
    return expect.includes(status)
      ? { verdict: 'well', why: `answers ${status}` }
      : { verdict: 'waiting', why: `answers ${status}` };
  } catch (error) {
    return { verdict: 'waiting', why: messageOf(error) };
  }
};
