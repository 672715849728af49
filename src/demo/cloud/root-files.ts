import { execFile } from 'node:child_process';
import { readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TarEntry } from './tar.js';

const SCRIPTS = fileURLToPath(new URL('./image/', import.meta.url));
const run = promisify(execFile);

/** What is on the path inside an image, by the script that does it. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'kolla_start.mjs': ['kolla_start'],
  'healthcheck.mjs': ['healthcheck_curl', 'healthcheck_port', 'healthcheck_listen'],
  'manage.mjs': ['keystone-manage', 'glance-manage', 'placement-manage', 'cinder-manage'],
  'df.mjs': ['df'],
};

/** Libraries of a program of this machine with the loader, by the paths under which it looks for them. */
export const librariesOf = async (binary: string): Promise<string[]> => {
  const { stdout } = await run('ldd', [binary]);
  return stdout.split('\n').flatMap((line) => /(?<!\S)(\/\S+)\s+\(0x/.exec(line)?.[1] ?? []);
};

/** A distribution may build node without some of its own modules, which it then reads from files at its start. */
const outsideModules = (): string[] => {
  const variables = process.config.variables as unknown as Record<string, unknown>;
  const named = variables.node_builtin_shareable_builtins;
  return Array.isArray(named)
    ? named.filter((path): path is string => typeof path === 'string' && isAbsolute(path))
    : [];
};

const inArchive = (path: string): string => path.replace(/^\//, '');

const copies = async (paths: readonly string[]): Promise<TarEntry[]> =>
  Promise.all(
    paths.map(async (path) => ({ path: inArchive(path), mode: 0o755, from: await realpath(path) })),
  );

const scripts = async (): Promise<TarEntry[]> => {
  const names = (await readdir(SCRIPTS)).filter((name) => name.endsWith('.mjs'));
  return Promise.all(
    names.map(async (name) => ({
      path: `demo/${name}`,
      mode: 0o644,
      text: await readFile(`${SCRIPTS}${name}`, 'utf8'),
    })),
  );
};

const commands = (): TarEntry[] =>
  Object.entries(COMMANDS).flatMap(([script, names]) =>
    names.map((name) => ({
      path: `usr/local/bin/${name}`,
      mode: 0o755,
      text: `#!/usr/bin/node\nimport('/demo/${script}');\n`,
    })),
  );

export type RootFiles = { readonly entries: readonly TarEntry[]; readonly libraryPath: string };

/**
 * The file system of the demo's base image: the node that runs this program, its libraries, and the scripts that
 * stand for OpenStack. There is no shell in it and nothing is downloaded. Throws where node is not a Linux program.
 */
export const rootFiles = async (): Promise<RootFiles> => {
  if (process.platform !== 'linux')
    throw new Error(
      `images are made of this machine's node, which runs on ${process.platform} and not on Linux`,
    );
  const node = await realpath(process.execPath);
  const libraries = await librariesOf(node);
  const entries: TarEntry[] = [
    { path: 'tmp/', mode: 0o1777 },
    { path: 'etc/passwd', mode: 0o644, text: 'root:x:0:0:root:/root:/bin/false\n' },
    { path: 'usr/bin/node', mode: 0o755, from: node },
    ...(await copies([...libraries, ...outsideModules()])),
    ...(await scripts()),
    ...commands(),
  ];
  return { entries, libraryPath: [...new Set(libraries.map((path) => dirname(path)))].join(':') };
};
