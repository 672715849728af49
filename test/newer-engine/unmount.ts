import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Takes away the mounts that an engine which was killed could not. */
export const unmountBelow = (folder: string): void => {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .sort()
    .reverse();
  for (const path of mounts) execFileSync('umount', ['-l', path]);
};
