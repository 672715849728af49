import { expect, test } from 'vitest';
import { realClock, steadyNow } from '../../src/probes/clock.js';

const HOUR = 3_600_000;

test.each([HOUR, -HOUR])('a step of the machine’s clock by %i ms is not seen', (step) => {
  let [wall, passed] = [Date.UTC(2026, 10, 22), 5_000];
  const now = steadyNow(
    () => wall,
    () => passed,
  );
  expect(now()).toBe(Date.UTC(2026, 10, 22));
  passed += 1_500;
  wall += 1_500 + step;
  expect(now()).toBe(Date.UTC(2026, 10, 22) + 1_500);
});

test('the real clock tells the time of day at the start, in whole milliseconds, and never goes back', () => {
  expect(Math.abs(realClock.now() - Date.now())).toBeLessThan(60_000);
  let last = realClock.now();
  for (let look = 0; look < 1_000; look += 1) {
    const now = realClock.now();
    expect(Number.isInteger(now)).toBe(true);
    expect(now).toBeGreaterThanOrEqual(last);
    last = now;
  }
});
