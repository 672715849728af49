import { expect, test } from 'vitest';
import { safeReport } from '../../src/steps/ready.js';

test('a report keeps the spelling of what was asked, by which answers are compared, and nothing else', () => {
  const asked = [{ what: 'cinder-volume on ctl1 up', verdict: 'waiting' as const, why: 'cinder says 503' }];
  const report = { host: 'ctl1', container: 'cinder_volume', ready: false, tookMs: 1, asked };
  const kept = safeReport(report, (text) => text.replaceAll('cinder', '[redacted]'));
  expect(kept.asked.map(({ what, why }) => [what, why])).toEqual([
    ['cinder-volume on ctl1 up', '[redacted] says 503'],
  ]);
});
