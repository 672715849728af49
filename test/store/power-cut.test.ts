import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { compile } from './compiled.js';
import { temporaryFolder } from './folder.js';
import { type Journal, type Losses, lookAt, oneLife } from './kill-loop.js';

const { program, remove } = compile('test/store/many-appender.ts');
afterAll(remove);

/** Times that the power goes; `npm run torture:store` makes it 50. */
const CUTS = Number(process.env.STACKSWAP_TEST_CUTS ?? 5);
const JOURNALS = 3;

/** A disk of its own behind a loop device: its image holds what had reached the disk, and not what the kernel still kept. */
const loopDisk = (place: string, skip: (why: string) => void) => {
  const image = join(place, 'disk.img');
  const after = join(place, 'after.img');
  const root = join(place, 'root');
  mkdirSync(root, { recursive: true });
  writeFileSync(image, Buffer.alloc(0));
  const run = (program: string, ...words: string[]) => spawnSync(program, words, { encoding: 'utf8' });
  const mount = () => run('mount', '-o', 'loop', image, root).status === 0;
  const made =
    run('truncate', '-s', '24M', image).status === 0 && run('mkfs.ext4', '-q', '-F', image).status === 0;
  // Not required anywhere: the simulated disk's power cuts are many times as many.
  if (!made || !mount()) skip('no right to mount a loop device here, or no mkfs.ext4');
  onTestFinished(() => {
    run('umount', root);
  });
  return {
    root,
    /** The image as it is at this moment becomes the disk; mounting it replays the file system's own journal. */
    cutPower: () => {
      copyFileSync(image, after);
      execFileSync('umount', [root]);
      renameSync(after, image);
      if (!mount()) throw new Error('the disk cannot be mounted after the power cut');
    },
  };
};

test(`${CUTS} power cuts on a real file system: no acknowledged event is lost, and every start succeeds`, {
  timeout: 60_000 + CUTS * 10_000,
}, async ({ skip }) => {
  const disk = loopDisk(temporaryFolder(), skip);
  const losses: Losses = { killed: 0, acknowledged: 0, lost: [], failedStarts: [] };
  const journals = Array.from(
    { length: JOURNALS },
    (_, at): Journal => ({ folder: join(disk.root, `state-${at}`), newest: 0 }),
  );
  let lostByCareless = 0;
  for (let cut = 0; cut < CUTS; cut += 1) {
    await oneLife(program, journals, { lines: 40 + ((cut * 17) % 200), losses });
    const careless = join(disk.root, `careless-${cut}`);
    writeFileSync(careless, `never synced, ${cut}`);
    disk.cutPower();
    if (!existsSync(careless) || statSync(careless).size === 0) lostByCareless += 1;
  }
  for (const journal of journals) await lookAt(journal, losses);
  expect(losses).toMatchObject({ killed: CUTS, lost: [], failedStarts: [] });
  expect(losses.acknowledged).toBeGreaterThan(CUTS * 20);
  // Else nothing was cut at all.
  expect(lostByCareless).toBeGreaterThan(0);
  console.info(
    `${losses.killed} power cuts on a loop device over ${JOURNALS} journals, ${losses.acknowledged} acknowledged events, ${losses.lost.length} lost, ${losses.failedStarts.length} failed starts`,
  );
});
