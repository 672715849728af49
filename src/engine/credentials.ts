import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../errors.js';

/** What goes into `X-Registry-Auth` (Engine API, "Authentication"). */
export type RegistryAuth = {
  readonly serveraddress: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
};

const DOCKER_HUB = 'https://index.docker.io/v1/';
const HELPER_TIMEOUT_MS = 10_000;

const entry = z.looseObject({ auth: z.string().optional(), identitytoken: z.string().optional() });
const configFile = z.looseObject({
  auths: z.record(z.string(), entry).default({}),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).default({}),
});
const helperAnswer = z.looseObject({ Username: z.string(), Secret: z.string() });

/** The registry that a reference names; Docker Hub where it names none. */
export const registryOf = (ref: string): string => {
  const [first = '', ...rest] = ref.split('/');
  const named = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return named && first !== 'docker.io' && first !== 'index.docker.io' ? first : DOCKER_HUB;
};

const readConfigFile = async (env: NodeJS.ProcessEnv) => {
  const path = join(env.DOCKER_CONFIG || join(homedir(), '.docker'), 'config.json');
  try {
    return configFile.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new Error(
      `Docker's config file ${path} cannot be read (${error instanceof z.ZodError ? 'wrong shape' : messageOf(error)})`,
    );
  }
};

/** `docker-credential-<helper> get`: the server on stdin, JSON on stdout; it says so when it knows no credentials. */
const askCredentialProgram = (helper: string, server: string): Promise<RegistryAuth | undefined> =>
  new Promise((resolve, reject) => {
    const program = `docker-credential-${helper}`;
    const child = execFile(program, ['get'], { timeout: HELPER_TIMEOUT_MS }, (error, stdout) => {
      if (error && /credentials not found/i.test(stdout)) return resolve(undefined);
      if (error)
        return reject(
          new Error(`${program} failed (${stdout.trim() || `exit ${error.code ?? 'by signal'}`})`),
        );
      const answer = helperAnswer.safeParse(safeJson(stdout));
      if (!answer.success) return reject(new Error(`${program} gave no credentials that can be read`));
      const { Username, Secret } = answer.data;
      resolve(
        Username === '<token>'
          ? { serveraddress: server, identitytoken: Secret }
          : { serveraddress: server, username: Username, password: Secret },
      );
    });
    child.stdin?.once('error', () => child.kill());
    child.stdin?.end(server);
  });

const safeJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Keys of `auths` may carry a scheme and a path (`https://host/v1/`). */
const hostOf = (key: string): string => key.replace(/^https?:\/\//, '').replace(/\/.*$/, '');

const fromEntry = (server: string, found: z.infer<typeof entry>): RegistryAuth | undefined => {
  if (found.identitytoken) return { serveraddress: server, identitytoken: found.identitytoken };
  if (!found.auth) return undefined;
  const [username = '', ...password] = Buffer.from(found.auth, 'base64').toString('utf8').split(':');
  return { serveraddress: server, username, password: password.join(':') };
};

/**
 * Credentials for the registry of `ref` from Docker's own config file (`$DOCKER_CONFIG/config.json`, else
 * `~/.docker/config.json`), or `undefined` to go without. Throws when the file or a credential helper is broken.
 */
export const credentialsFor = async (
  ref: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<RegistryAuth | undefined> => {
  const config = await readConfigFile(env);
  if (!config) return undefined;
  const server = registryOf(ref);
  const helper = config.credHelpers[server] ?? config.credHelpers[hostOf(server)] ?? config.credsStore;
  const asked = helper ? await askCredentialProgram(helper, server) : undefined;
  if (asked) return asked;
  const found = Object.entries(config.auths).find(([key]) => hostOf(key) === hostOf(server));
  return found && fromEntry(server, found[1]);
};
