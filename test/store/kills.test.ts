import { afterAll, expect, test } from 'vitest';
import { compile } from './compiled.js';
import { temporaryFolder } from './folder.js';
import { killLoop } from './kill-loop.js';

const { program, remove } = compile('test/store/many-appender.ts');
afterAll(remove);

/** SIGKILLs of a process that writes ten journals; 100 of them are 1,000 killed writers. */
const KILLS = Number(process.env.STACKSWAP_TEST_KILLS ?? 20);
const JOURNALS = 10;

test(`${KILLS} times kill -9 of a process that writes ${JOURNALS} journals: no acknowledged event is lost, and every start succeeds`, {
  timeout: 60_000 + KILLS * 3_000,
}, async () => {
  const losses = await killLoop({
    program,
    folder: temporaryFolder(),
    seed: 1,
    kills: KILLS,
    journals: JOURNALS,
  });
  expect(losses).toMatchObject({ killed: KILLS * JOURNALS, lost: [], failedStarts: [] });
  expect(losses.acknowledged).toBeGreaterThan(KILLS * 20);
  console.info(`${losses.killed} killed writers, ${losses.acknowledged} acknowledged events, 0 lost`);
});
