// The probing process: asks one address every 10 ms on fresh connections, whatever the measured program is doing.
import { get } from 'node:http';
import { EVERY_MS, now, type Said, type Sample, type Told } from './sample.js';

const TIMEOUT_MS = 2_000;
const MAX_IN_FLIGHT = 200;

const [url = ''] = process.argv.slice(2);
let samples: Sample[] = [];
let last: string | null = null;
let inFlight = 0;
let timer: NodeJS.Timeout | undefined;

const say = (said: Said): void => {
  process.send?.(said);
};

const note = (release: string | null): void => {
  inFlight -= 1;
  if (timer === undefined) return;
  const at = now();
  samples.push({ at, release });
  if (release !== null && release !== last) {
    last = release;
    say({ kind: 'answered', release, at });
  }
};

const ask = (): void => {
  if (inFlight >= MAX_IN_FLIGHT) return;
  inFlight += 1;
  let text = '';
  const request = get(url, { agent: false, timeout: TIMEOUT_MS }, (answer) => {
    answer.setEncoding('utf8');
    answer.on('data', (chunk: string) => {
      text += chunk;
    });
    answer.on('end', () => note(answer.statusCode === 200 ? text : null));
  });
  request.on('timeout', () => request.destroy(new Error('late')));
  request.on('error', () => note(null));
};

process.on('message', (told: Told) => {
  clearInterval(timer);
  timer = undefined;
  if (told.kind === 'take') return say({ kind: 'samples', samples });
  samples = [];
  last = null;
  timer = setInterval(ask, EVERY_MS);
});

// Ctrl-C in a terminal reaches every process of it; the parent decides when this one ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit(0));
