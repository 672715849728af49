import { execFile } from 'node:child_process';
import { access, constants, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { messageOf } from '../../errors.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PROJECT = 'https://github.com/parvalabs/local-slack';
const INSTALL_TIMEOUT_MS = 180_000;
const npm = promisify(execFile);

export type Binary = { readonly path: string } | { readonly leftOut: string };

const isExecutable = async (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** The package for this machine; only the one in package.json here has a lock entry with its checksum. */
const packaged = (): string | undefined =>
  process.platform === 'linux' && process.arch === 'x64'
    ? join(HERE, 'node_modules', 'local-slack-linux-x64', 'bin', 'local-slack')
    : undefined;

/** True once the lock is ours; waits while another process installs, and takes over what a dead one left. */
const takeLock = async (lock: string): Promise<void> => {
  for (;;) {
    try {
      await mkdir(lock);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const age = await stat(lock).then(
      (found) => Date.now() - found.mtimeMs,
      () => 0,
    );
    if (age > INSTALL_TIMEOUT_MS) await rm(lock, { recursive: true, force: true });
    await sleep(200);
  }
};

const install = async (path: string): Promise<void> => {
  const lock = join(HERE, 'install.lock');
  await takeLock(lock);
  try {
    if (await isExecutable(path)) return;
    await npm('npm', ['ci', '--no-audit', '--no-fund'], { cwd: HERE, timeout: INSTALL_TIMEOUT_MS });
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
};

/**
 * The local-slack binary: the one that LOCAL_SLACK_BIN names, else the npm package for this platform, installed
 * beside this file at its first use (95 MB). `leftOut` says why there is none and how to get one.
 */
export const localSlackBinary = async (say: (line: string) => void = () => undefined): Promise<Binary> => {
  const named = process.env.LOCAL_SLACK_BIN;
  if (named)
    return (await isExecutable(named))
      ? { path: named }
      : { leftOut: `LOCAL_SLACK_BIN names ${named}, which is no executable file.` };
  const path = packaged();
  if (!path)
    return {
      leftOut: `local-slack comes from npm for Linux on x64 only; this is ${process.platform} on ${process.arch}. Get it from ${PROJECT} and set LOCAL_SLACK_BIN to the binary.`,
    };
  if (await isExecutable(path)) return { path };
  try {
    say('Installing local-slack from npm (95 MB, once) …');
    await install(path);
    return { path };
  } catch (error) {
    return {
      leftOut: `local-slack could not be installed from npm (${messageOf(error).split('\n')[0]}). Get it from ${PROJECT} and set LOCAL_SLACK_BIN to the binary.`,
    };
  }
};
