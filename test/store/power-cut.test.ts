import { afterAll, expect, onTestFinished, test } from 'vitest';
import { compile } from './compiled.js';
import { temporaryFolder } from './folder.js';
import { loopDisk, powerCuts } from './power-cuts.js';

const { program, remove } = compile('test/store/many-appender.ts');
afterAll(remove);

/** Times that the power goes; `npm run torture:store` makes it 50. */
const CUTS = 5;
const JOURNALS = 3;

test(`${CUTS} power cuts on a real file system: no acknowledged event is lost, and every start succeeds`, {
  timeout: 60_000 + CUTS * 10_000,
}, async ({ skip }) => {
  const disk = loopDisk(temporaryFolder());
  // Not required anywhere: the simulated disk's power cuts are many times as many.
  if (!disk) return skip('no right to mount a loop device here, or no mkfs.ext4');
  onTestFinished(disk.remove);
  const losses = await powerCuts({ program, disk, cuts: CUTS, journals: JOURNALS });
  expect(losses).toMatchObject({ begun: CUTS, killed: CUTS, lost: [], failedStarts: [] });
  expect(losses.acknowledged).toBeGreaterThan(CUTS * 20);
  // Else nothing was cut at all.
  expect(losses.careless).toBeGreaterThan(0);
});
