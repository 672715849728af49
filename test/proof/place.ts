import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';

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

/** Figures of the machine; no name of it. */
export const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.versions.node}`;
