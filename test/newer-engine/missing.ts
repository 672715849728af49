import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Where unpacked engines are kept from one run to the next. */
export const ENGINES = process.env.STACKSWAP_TEST_ENGINES ?? join(tmpdir(), 'stackswap-engines');

const has = (program: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

const lacking = (programs: readonly string[]): string | undefined => {
  const absent = programs.filter((program) => !has(program));
  return absent.length > 0 ? `this machine has no ${absent.join(', ')}` : undefined;
};

const isRoot = (): boolean => process.getuid?.() === 0;

/** Why this machine cannot start an engine of its own; `undefined` where it can. */
export const noPrivateEngine = (): string | undefined =>
  isRoot()
    ? lacking(['dockerd', 'containerd', 'runc', 'ip', 'umount'])
    : 'a Docker Engine of its own takes root';

/** Why this machine cannot unpack another Debian's engine. */
export const noOtherDebian = (): string | undefined =>
  noPrivateEngine() ?? lacking(['apt-get', 'dpkg-deb', 'awk']);

/** Unpacks the engine of a Debian release where it is not yet; answers with the folder of its programs. */
export const unpackEngine = (suite: string, cache: string): string => {
  const folder = join(cache, suite);
  execFileSync(join(import.meta.dirname, 'unpack.sh'), [suite, folder], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return join(folder, 'bin');
};
