import { expect, test } from 'vitest';
import { describeUnless } from '../setup/left-out.js';
import { haltCourse, inTurn, rowOf } from './halts/course.js';
import { ENGINES, noOtherDebian, unpackEngine } from './missing.js';

describeUnless(noOtherDebian(), 'an engine that is restarted, or stands still, amid a run', () => {
  test('leaves the service wholly on one version, whichever change meets it', {
    timeout: 600_000,
  }, async () => {
    const suite = process.env.STACKSWAP_TEST_SUITE ?? 'trixie';
    const tally = await haltCourse({
      programs: unpackEngine(suite, ENGINES),
      pick: inTurn,
      say: () => undefined,
    });
    console.log(rowOf(tally));
    expect(tally.lost).toEqual([]);
    expect(tally.struck).toBe(tally.tried);
    expect(Math.min(...tally.changes)).toBeGreaterThan(5);
  });
});
