import { execFileSync } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import type Docker from 'dockerode';
import { messageOf } from '../src/errors.js';
import { type Section, table } from './report.js';

/** File systems by the magic number of statfs(2); the journal's figures are those of its disk. */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  61267: 'ext4',
  16914836: 'tmpfs (in memory: a sync costs nothing)',
  2035054128: 'overlay',
  1481003842: 'xfs',
  2435016766: 'btrfs',
};

const fileSystem = async (): Promise<string> => {
  const { type } = await statfs(tmpdir());
  return FILE_SYSTEMS[type] ?? `type 0x${type.toString(16)}`;
};

/** The commit that was measured, and whether the sources differ from it. */
const commit = (): string => {
  try {
    const git = (...words: string[]): string => execFileSync('git', words, { encoding: 'utf8' }).trim();
    const changed = git('status', '--porcelain', '--untracked-files=no', '--', 'src') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${changed ? ', with changes in src that are not committed' : ''}`;
  } catch (error) {
    return `unknown (${messageOf(error).split('\n')[0]})`;
  }
};

/** Processes that wanted a core in the last minute, on average; above the number of cores they waited for each other. */
export const load = (): string => (loadavg()[0] ?? 0).toFixed(1);

const engineLine = async (docker: Docker): Promise<string> => {
  const [about, info] = await Promise.all([docker.version(), docker.info()]);
  return `${about.Version} (API ${about.ApiVersion}), ${info.Driver}`;
};

export type Loads = readonly { readonly part: string; readonly load: string }[];

/** Where and when it was measured. No name of the machine and no path of it. */
export const machineSection = async (docker: Docker | undefined, loads: Loads): Promise<Section> => ({
  title: 'Machine',
  lines: [
    ...table(
      ['what', 'value'],
      [
        ['date', new Date().toISOString().slice(0, 16).replace('T', ' ').concat(' UTC')],
        ['commit', commit()],
        ['processor', `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`],
        ['memory', `${Math.round(totalmem() / 2 ** 30)} GiB`],
        ['kernel', release()],
        ['Node', process.versions.node],
        ['container engine', docker ? await engineLine(docker) : 'none answered'],
        ['disk of the journal', await fileSystem()],
        ['load (1 min) before each part', loads.map((one) => `${one.part}: ${one.load}`).join(', ')],
      ],
    ),
  ],
});
