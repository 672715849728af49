import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join, relative } from 'node:path';

const git = (...words: string[]): string => execFileSync('git', words, { encoding: 'utf8' }).trim();

export type Commit = {
  readonly id: string;
  /** Something of the product or of its tests is not as it was committed. */
  readonly dirty: boolean;
};

export const commitNow = (): Commit => ({
  id: git('rev-parse', '--short=12', 'HEAD'),
  dirty: git('status', '--porcelain', '--', 'src', 'commands', 'test') !== '',
});

/** SHA-256 of all that lies in a folder, by path and content: the same for the same compiled program. */
export const contentHash = (folder: string): string => {
  const hash = createHash('sha256');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile() && one.name.endsWith('.js'))
    .map((one) => join(one.parentPath, one.name))
    .toSorted();
  for (const file of files)
    hash
      .update(`${relative(folder, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.digest('hex');
};

/** Figures of the machine; no name of it. */
export const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.versions.node}`;
