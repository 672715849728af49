import { afterAll, expect, test } from 'vitest';
import { compile } from './compiled.js';
import { temporaryFolder } from './folder.js';
import { killLoop } from './kill-loop.js';

const { program, remove } = compile('test/store/many-appender.ts');
afterAll(remove);

/** SIGKILLs of a process, and the journals that it is writing then; `npm run torture:store` has 1,000 over three. */
const KILLS = 20;
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
  expect(losses).toMatchObject({ begun: KILLS, killed: KILLS, lost: [], failedStarts: [] });
  expect(losses.acknowledged).toBeGreaterThan(KILLS * JOURNALS * 2);
});
