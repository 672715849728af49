import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { pause, persistently } from '../../src/slack/persistently.js';
import { keptLog } from './fake-app.js';

const left = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

test('hundreds of tries in an outage leave nothing behind on the signal that ends the bot', async () => {
  const { signal } = new AbortController();
  const { log } = keptLog();
  let tries = 0;
  const act = async (): Promise<string> => {
    tries += 1;
    if (tries <= 200) throw new Error('Slack is away');
    return 'there';
  };
  expect(await persistently('Slack is asked', act, { log, signal, everyMs: 0 })).toBe('there');
  expect(left(signal)).toBe(0);
});

test('a pause that the signal ends is over at once, and leaves nothing behind either', async () => {
  const ending = new AbortController();
  const paused = pause(3_600_000, ending.signal);
  expect(left(ending.signal)).toBe(1);
  ending.abort();
  await paused;
  expect(left(ending.signal)).toBe(0);
});
