// The clients, in a process of their own: requests are sent by the clock, whether earlier ones were answered or not.
import { Agent, request } from 'undici';
import type { Asked, Failure, LoadReport, LoadWish } from './load.js';

const wish = JSON.parse(process.argv[2] ?? '{}') as LoadWish;
const TICK_MS = 5;
const TIMEOUT_MS = 20_000;
/** More than that at once would measure this process and not the API. */
const MOST_IN_FLIGHT = 200;
const KEEP_ALIVE_CONNECTIONS = 32;
const MOST_FAILURES_KEPT = 5_000;

const kept = new Agent({
  connections: KEEP_ALIVE_CONNECTIONS,
  pipelining: 1,
  keepAliveTimeout: 5_000,
  headersTimeout: TIMEOUT_MS,
  bodyTimeout: TIMEOUT_MS,
});
/** `reset` asks for `Connection: close`, and so each request has a connection of its own. */
const fresh = new Agent({
  connections: null,
  pipelining: 0,
  headersTimeout: TIMEOUT_MS,
  bodyTimeout: TIMEOUT_MS,
});

const counts: Record<Asked, { sent: number; good: number; failed: number; skipped: number }> = {
  fresh: { sent: 0, good: 0, failed: 0, skipped: 0 },
  kept: { sent: 0, good: 0, failed: 0, skipped: 0 },
  slow: { sent: 0, good: 0, failed: 0, skipped: 0 },
};
const failures: Failure[] = [];
let inFlight = 0;
let turn = 0;
let going = true;

const now = (): number => performance.timeOrigin + performance.now();

const failed = (how: Asked, why: string): void => {
  counts[how].failed += 1;
  if (failures.length < MOST_FAILURES_KEPT) failures.push({ at: now(), how, why });
};

const ask = async (how: Asked, path: string): Promise<void> => {
  turn += 1;
  const door = wish.doors[turn % wish.doors.length] ?? '';
  counts[how].sent += 1;
  inFlight += 1;
  try {
    const answer = await request(`${door}${path}`, {
      dispatcher: how === 'kept' ? kept : fresh,
      reset: how !== 'kept',
    });
    await answer.body.dump();
    if (answer.statusCode === 200) counts[how].good += 1;
    else failed(how, `status ${answer.statusCode}`);
  } catch (error) {
    failed(how, error instanceof Error ? error.message : String(error));
  } finally {
    inFlight -= 1;
  }
};

const began = now();
const due = { fresh: 0, kept: 0 };

const tick = (): void => {
  const seconds = (now() - began) / 1_000;
  for (const how of ['fresh', 'kept'] as const) {
    const target = Math.floor(seconds * wish.perSecond[how]);
    for (; due[how] < target; due[how] += 1)
      if (inFlight < MOST_IN_FLIGHT) void ask(how, '/');
      else counts[how].skipped += 1;
  }
};

/** Each of them has one slow request under way all the time, of 2 to 5 seconds. */
const slowClient = async (): Promise<void> => {
  while (going) await ask('slow', `/slow?ms=${2_000 + Math.floor(Math.random() * 3_000)}`);
};

const timer = setInterval(tick, TICK_MS);
const slow = Array.from({ length: wish.slowClients }, slowClient);

const end = async (): Promise<void> => {
  going = false;
  clearInterval(timer);
  const seconds = (now() - began) / 1_000;
  await Promise.all(slow);
  while (inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const report: LoadReport = { seconds, counts, failures };
  process.send?.(report, undefined, undefined, () => process.exit(0));
};

process.on('message', () => void end());
process.send?.('started');
// Ctrl-C in a terminal reaches every process of it; the parent decides when this one ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit(0));
