// Runs inside the demo's containers. What a container is: its image says the release, its environment the service,
// its configuration files the addresses.
import { readFileSync } from 'node:fs';

export const CONFIG_FOLDER = '/var/lib/kolla/config_files';
export const RELEASE = process.env.DEMO_RELEASE ?? '';
/** Releases in order; a schema of a later one is unknown to an earlier one. */
export const RELEASES = ['2025.1', '2025.2', '2026.1'];

const readOrUndefined = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
};

export const readJson = (path) => {
  const text = readOrUndefined(path);
  return text === undefined ? undefined : JSON.parse(text);
};

/** `key = value` lines of an INI file; sections are not looked at, since no key is in two of them. */
export const readIni = (path) =>
  Object.fromEntries(
    (readOrUndefined(path) ?? '')
      .split('\n')
      .map((line) => /^\s*([a-z_]+)\s*=\s*(.*?)\s*$/.exec(line))
      .filter((match) => match !== null)
      .map(([, key, value]) => [key, value]),
  );

/** `cinder-api` of `cinder-api --config-file …`. */
export const programOf = (command) => command.split(' ')[0];
/** `cinder` of `cinder-api`; keystone's program bears the project's name alone. */
export const projectOf = (program) => program.split('-')[0];
