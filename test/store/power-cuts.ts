import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Journal, type Losses, lookAt, noLosses, oneLife } from './kill-loop.js';

export type LoopDisk = {
  readonly root: string;
  /** The image as it is at this moment becomes the disk; mounting it replays the file system's own journal. */
  cutPower(): void;
  remove(): void;
};

/**
 * A disk of its own behind a loop device below `place`: its image holds what had reached the disk, and not what the
 * kernel still kept. `undefined` where there is no right to mount one, or no mkfs.ext4.
 */
export const loopDisk = (place: string): LoopDisk | undefined => {
  const image = join(place, 'disk.img');
  const after = join(place, 'after.img');
  const root = join(place, 'root');
  mkdirSync(root, { recursive: true });
  writeFileSync(image, Buffer.alloc(0));
  const run = (program: string, ...words: string[]) => spawnSync(program, words, { encoding: 'utf8' });
  const mount = () => run('mount', '-o', 'loop', image, root).status === 0;
  const made =
    run('truncate', '-s', '24M', image).status === 0 && run('mkfs.ext4', '-q', '-F', image).status === 0;
  if (!made || !mount()) return undefined;
  return {
    root,
    cutPower: () => {
      copyFileSync(image, after);
      execFileSync('umount', [root]);
      renameSync(after, image);
      if (!mount()) throw new Error('the disk cannot be mounted after the power cut');
    },
    remove: () => {
      run('umount', root);
    },
  };
};

export type PowerCuts = {
  /** The compiled appender. */
  readonly program: string;
  readonly disk: LoopDisk;
  readonly cuts: number;
  readonly journals: number;
};

/** What the cuts took; `careless` counts those that took a file which nobody had synced: else nothing was cut. */
export type CutLosses = Losses & { careless: number };

export const powerCuts = async ({ program, disk, cuts, journals }: PowerCuts): Promise<CutLosses> => {
  const losses: CutLosses = { ...noLosses(), careless: 0 };
  const all = Array.from(
    { length: journals },
    (_, at): Journal => ({ folder: join(disk.root, `state-${at}`), newest: 0 }),
  );
  for (let cut = 0; cut < cuts; cut += 1) {
    await oneLife(program, all, { lines: 40 + ((cut * 17) % 200), losses });
    const careless = join(disk.root, `careless-${cut}`);
    writeFileSync(careless, `never synced, ${cut}`);
    disk.cutPower();
    if (!existsSync(careless) || statSync(careless).size === 0) losses.careless += 1;
  }
  for (const journal of all) await lookAt(journal, losses);
  return losses;
};
