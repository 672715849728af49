import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { messageOf, Refusal } from '../errors.js';
import { Secret } from '../secret.js';
import { type Access, baseOf, type Credentials, type Named } from './access.js';

export type CloudsFile = { readonly file: string; readonly cloud: string };

const text = z.union([z.string(), z.number()]).transform(String).optional();

/** What is read of a cloud's entry; the names are openstacksdk's (its guide "Configuring OpenStack SDK Applications"). */
const cloudSchema = z.looseObject({
  auth: z
    .looseObject({
      auth_url: text,
      username: text,
      user_id: text,
      password: text,
      user_domain_id: text,
      user_domain_name: text,
      domain_id: text,
      domain_name: text,
      project_id: text,
      project_name: text,
      project_domain_id: text,
      project_domain_name: text,
      system_scope: text,
      application_credential_id: text,
      application_credential_name: text,
      application_credential_secret: text,
    })
    .default({}),
  auth_type: text,
  region_name: text,
  interface: z.union([z.string(), z.array(z.string())]).optional(),
  endpoint_type: text,
  cacert: text,
  verify: z.union([z.boolean(), z.string()]).optional(),
});

type Entry = z.infer<typeof cloudSchema>;
type Auth = Entry['auth'];

const refuse = (file: string, problem: string, wayOut: string): never => {
  throw new Refusal('bad-config', `${file}: ${problem}.`, wayOut);
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const cloudsIn = (file: string): Record<string, unknown> => {
  try {
    const parsed: unknown = parseYaml(readFileSync(file, 'utf8'));
    const clouds = isRecord(parsed) ? parsed.clouds : undefined;
    if (isRecord(clouds)) return clouds;
  } catch (error) {
    // A YAML error quotes the line that it stumbled over, which may hold the password: only its place is told.
    const [first = ''] = messageOf(error).split('\n');
    return refuse(file, first.replace(/:$/, ''), 'clouds_yaml.file must name a readable clouds.yaml.');
  }
  return refuse(file, 'it has no `clouds`', 'clouds_yaml.file must name a readable clouds.yaml.');
};

/** Entries of the second win; folders of settings are merged. */
const merged = (below: unknown, above: unknown): unknown => {
  if (!isRecord(below) || !isRecord(above)) return above === undefined ? below : above;
  const keys = [...new Set([...Object.keys(below), ...Object.keys(above)])];
  return Object.fromEntries(keys.map((key) => [key, merged(below[key], above[key])]));
};

const modeWarnings = (files: readonly string[]): readonly string[] =>
  files
    .filter((file) => (statSync(file).mode & 0o004) !== 0)
    .map((file) => `${file} holds credentials and can be read by everybody on this machine: chmod 600 it.`);

const named = (id: string | undefined, name: string | undefined, domain?: Named): Named => ({
  ...(id === undefined ? { ...(name === undefined ? {} : { name }), ...(domain ? { domain } : {}) } : { id }),
});

const domainOf = (id: string | undefined, name: string | undefined): Named =>
  id === undefined && name === undefined ? { id: 'default' } : named(id, name);

/** The keys of `auth` that are missing for that kind of login, as people write them. */
const missingIn = (auth: Auth, credential: boolean): readonly string[] => {
  const wanted: readonly (readonly (keyof Auth & string)[])[] = credential
    ? [
        ['auth_url'],
        ['application_credential_id', 'application_credential_name'],
        ['application_credential_secret'],
      ]
    : [['auth_url'], ['username', 'user_id'], ['password'], ['project_name', 'project_id']];
  return wanted.filter((keys) => keys.every((key) => !auth[key])).map((keys) => `auth.${keys.join(' or ')}`);
};

const credentialsOf = (auth: Auth, credential: boolean): Credentials => {
  const user = named(
    auth.user_id,
    auth.username,
    domainOf(auth.user_domain_id ?? auth.domain_id, auth.user_domain_name ?? auth.domain_name),
  );
  if (credential)
    return {
      kind: 'application-credential',
      credential: {
        ...named(auth.application_credential_id, auth.application_credential_name),
        // A name is unique only together with its user.
        ...(auth.application_credential_id === undefined ? { user } : {}),
      },
      secret: new Secret(auth.application_credential_secret ?? ''),
    };
  const project = named(
    auth.project_id,
    auth.project_name,
    domainOf(auth.project_domain_id ?? auth.domain_id, auth.project_domain_name ?? auth.domain_name),
  );
  return { kind: 'password', user, password: new Secret(auth.password ?? ''), project };
};

const PASSWORD = ['password', 'v3password'];
const CREDENTIAL = 'v3applicationcredential';

const requireAsked = (entry: Entry, { file, cloud }: CloudsFile): { credential: boolean } => {
  const { auth, auth_type: kind } = entry;
  if (kind !== undefined && kind !== CREDENTIAL && !PASSWORD.includes(kind))
    refuse(file, `${cloud} uses auth_type ${kind}`, `Use password or ${CREDENTIAL}.`);
  if (auth.system_scope !== undefined)
    refuse(
      file,
      `${cloud} is system-scoped, and cinder is asked within a project`,
      'Name a cloud of the file that has a project, such as Kolla’s kolla-admin.',
    );
  const credential = kind === CREDENTIAL;
  const missing = missingIn(auth, credential);
  if (missing.length > 0)
    refuse(
      file,
      `${cloud} lacks ${missing.join(', ')}`,
      'Write them out in clouds.yaml, or the secrets in secure.yaml beside it; profiles are not followed.',
    );
  if (!/^https?:\/\//.test(auth.auth_url ?? ''))
    refuse(file, `auth_url of ${cloud} is no http address`, 'Write it as https://keystone.example:5000.');
  return { credential };
};

const INTERFACES = ['public', 'internal', 'admin'] as const;

const interfaceOf = ({ interface: given, endpoint_type }: Entry): Access['interface'] => {
  const [word = 'public'] = [given ?? endpoint_type].flat();
  return INTERFACES.find((one) => word === one || word === `${one}URL`) ?? 'public';
};

const caOf = (cacert: string | undefined, { file }: CloudsFile): string | undefined => {
  if (cacert === undefined || cacert === '') return undefined;
  try {
    return readFileSync(cacert, 'utf8');
  } catch (error) {
    return refuse(
      file,
      `its cacert cannot be read (${messageOf(error)})`,
      'Correct the path, or leave it out.',
    );
  }
};

/**
 * One cloud of a clouds.yaml, with the secure.yaml beside it laid over it. Refuses with `bad-config` what cannot be
 * used; a profile, a vendor file and other places are not looked for.
 */
export const readCloud = (from: CloudsFile): Access => {
  const { file, cloud } = from;
  const clouds = cloudsIn(file);
  const secure = join(dirname(file), 'secure.yaml');
  const files = existsSync(secure) && secure !== file ? [file, secure] : [file];
  const above = files[1] === undefined ? {} : cloudsIn(files[1]);
  if (!Object.hasOwn(clouds, cloud))
    refuse(
      file,
      `it has no cloud ${cloud}, but ${Object.keys(clouds).join(', ') || 'none'}`,
      'Correct clouds_yaml.cloud.',
    );
  const parsed = cloudSchema.safeParse(merged(clouds[cloud], above[cloud]));
  if (!parsed.success) {
    const where = parsed.error.issues.map(({ path }) => path.join('.') || 'the entry').join(', ');
    return refuse(file, `${cloud} is not as expected at ${where}`, 'Compare with openstacksdk’s guide.');
  }
  const { credential } = requireAsked(parsed.data, from);
  const { auth, region_name: region, cacert, verify } = parsed.data;
  return {
    cloud,
    authBase: baseOf(auth.auth_url ?? ''),
    credentials: credentialsOf(auth, credential),
    region,
    interface: interfaceOf(parsed.data),
    tls: { ca: caOf(cacert, from), verify: !(verify === false || verify === 'false') },
    warnings: modeWarnings(files),
  };
};
