import { readFileSync } from 'node:fs';
import { parse as parseYaml, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { type Env, envSchema, withTokenFiles } from './env.js';
import { messageOf, Refusal } from './errors.js';
import { hostSchema } from './host-config.js';
import { channelId, countedTwice, personSchema, sameAccount, workspaceSchema } from './people-config.js';

export { type Env, envSchema } from './env.js';
export type { HostConfig, SshConfig } from './host-config.js';
export type { Person, Role } from './people-config.js';
export { Secret } from './secret.js';

/** `90s`, `30m`, `2h` or `500ms`, as milliseconds. */
const DURATION = 'a duration such as 500ms, 90s, 30m or 2h';
const duration = z
  .string(DURATION)
  .regex(/^\d+(ms|s|m|h)$/, DURATION)
  .transform((text) => {
    const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
    const [, number = '0', name = 's'] = /^(\d+)([a-z]+)$/.exec(text) ?? [];
    return Number(number) * unit[name as keyof typeof unit];
  });

const serviceName = z.string().regex(/^[a-z][a-z0-9_-]*$/);

/** Whatever else is wrong with the file: all problems are told at once. */
const WHERE_LISTS_ARE = {
  when: ({ value }: z.core.ParsePayload): boolean =>
    [Object(value).hosts, Object(value).people].every(Array.isArray),
};

/** A name that several entries bear; an entry may be anything yet. */
const twice = (entries: readonly unknown[], key: string): string | undefined => {
  const names = entries
    .map((one): unknown => Object(one)[key])
    .filter((name): name is string => typeof name === 'string');
  return names.find((name, index) => names.indexOf(name) !== index);
};

const healthSchema = z.strictObject({
  /** Time between two rounds of probes. */
  interval: duration.default(1_000),
  /** Rounds in a row in which every probe must be well. */
  successes: z.number().int().min(1).default(3),
  /** A container younger than this is never healthy. */
  minimum: duration.default(10_000),
  deadline: duration.default(300_000),
});

const policySchema = z.strictObject({
  approvals: z.number().int().min(1).default(1),
  requester_counts: z.boolean().default(false),
  expires: duration.default(1_800_000),
  /** Longest time between the last approval and the start. */
  start_within: duration.default(600_000),
  on_failure: z.enum(['roll-back', 'ask']).default('roll-back'),
});

/** A service's own policy: only what it names differs. */
const servicePolicySchema = z.strictObject({
  approvals: z.number().int().min(1).optional(),
  requester_counts: z.boolean().optional(),
  expires: duration.optional(),
  start_within: duration.optional(),
  on_failure: z.enum(['roll-back', 'ask']).optional(),
});

export const configSchema = z
  .strictObject({
    /** Slack's channel id (`C…`), in which the bot speaks. */
    channel: channelId,
    /** A second channel that hears of every broken glass. */
    security_channel: channelId.optional(),
    /** Whose requests are served, where the bot's own workspace does not say it all. */
    workspace: workspaceSchema.prefault({}),
    hosts: z.array(hostSchema).min(1),
    releases: z.record(z.string(), z.strictObject({ tag: z.string().min(1) })).default({}),
    images: z
      .strictObject({
        registry: z.string().optional(),
        /** From where images may come: `registry[:port]`, with a path behind it where only that is allowed. */
        registries: z
          .array(z.string().regex(/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._/-]+)?$/, 'registry[:port][/path]'))
          .min(1)
          .optional(),
        namespace: z.string().optional(),
        prefix: z.string().default(''),
        pull: z.enum(['missing', 'always']).default('missing'),
      })
      .prefault({}),
    policy: policySchema
      .extend({ services: z.record(serviceName, servicePolicySchema).default({}) })
      .prefault({}),
    health: healthSchema.prefault({}),
    people: z.array(personSchema).default([]),
    /** Health address of a service at the load balancer, by service. */
    front_door: z.record(serviceName, z.url()).default({}),
    /** Free space that a host must have for a new image. */
    disk_free: z.strictObject({ gigabytes: z.number().min(0).default(3) }).prefault({}),
    /** How long to wait before the restarts that lift RPC pins, where not the catalogue's. */
    settle: duration.optional(),
    /** Where the rendered configuration of a target release lies on this machine, and how it is made. */
    target_config: z
      .strictObject({
        /** With `{host}` and, where one wants, `{release}`; below it a folder for each Kolla service key. */
        folder: z.string().includes('{host}', 'has to name {host}'),
        /** Run before planning, with STACKSWAP_RELEASE, _SERVICE, _HOSTS and _FOLDER in its environment. */
        command: z.array(z.string().min(1)).min(1).optional(),
        timeout: duration.default(900_000),
      })
      .optional(),
    load_balancer: z
      .strictObject({
        drain: z.boolean().default(true),
        /** Longest wait for a drained server's sessions to end. */
        grace: duration.default(60_000),
        container: z.string().default('haproxy'),
        socket: z
          .string()
          .regex(/^\/[\w./-]+$/, 'an absolute path')
          .default('/var/lib/kolla/haproxy/haproxy.sock'),
      })
      .prefault({}),
    /** Credentials to ask the services themselves: a clouds.yaml and the cloud's name in it. */
    clouds_yaml: z.strictObject({ file: z.string(), cloud: z.string() }).optional(),
    blocks: z.enum(['rich', 'plain']).default('rich'),
  })
  .superRefine((config, context) => {
    const host = twice(config.hosts, 'name');
    if (host)
      context.addIssue({ code: 'custom', path: ['hosts'], message: `the name ${host} is there twice` });
    const account = sameAccount(config.people);
    if (account) context.addIssue({ code: 'custom', path: ['people'], message: `${account} is there twice` });
  }, WHERE_LISTS_ARE)
  .superRefine(({ people }, context) => {
    for (const name of countedTwice(people))
      context.addIssue({
        code: 'custom',
        path: ['people'],
        message: `${name} has a login and no slack, and as a member of a slack_group with a deciding role would count as a second person: give ${name} their slack id too, or list the people of the group one by one`,
      });
  });

export type Config = z.infer<typeof configSchema>;
export type HealthPolicy = Config['health'];

const listIssues = (error: z.ZodError, what: string): string =>
  error.issues
    .map(({ path, message }) => {
      const problem = message.endsWith('received undefined') ? 'is missing' : message;
      return `${path.join('.') || what}: ${problem}`;
    })
    .join('; ');

const refuse = (what: string, problems: string, wayOut: string): never => {
  throw new Refusal('bad-config', `${what}: ${problems}.`, wayOut);
};

export const parseEnv = (env: Record<string, string | undefined>): Env => {
  const set = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = envSchema.safeParse(withTokenFiles(set));
  return parsed.success
    ? parsed.data
    : refuse(
        'Environment',
        listIssues(parsed.error, 'environment'),
        'See .env.example; all names are listed there.',
      );
};

export const parseConfig = (text: string, path: string): Config => {
  const parsed = configSchema.safeParse(parseYamlOf(text, path));
  return parsed.success
    ? parsed.data
    : refuse(path, listIssues(parsed.error, 'file'), 'docs/configuration.md describes every setting.');
};

const parseYamlOf = (text: string, path: string): unknown => {
  try {
    return parseYaml(text);
  } catch (error) {
    if (error instanceof YAMLParseError)
      return refuse(path, error.message.split('\n')[0] ?? error.message, 'Mend the YAML at that line.');
    throw error;
  }
};

/** Reads and checks the YAML file; refuses with every problem by name. */
export const readConfig = (path: string): Config => {
  try {
    return parseConfig(readFileSync(path, 'utf8'), path);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    return refuse(path, messageOf(error), 'STACKSWAP_CONFIG must name a readable YAML file.');
  }
};

/** What the policy says for one service. */
export const policyFor = (config: Config, service: string) => {
  const { services, ...general } = config.policy;
  const own = Object.fromEntries(
    Object.entries(services[service] ?? {}).filter(([, value]) => value !== undefined),
  );
  return { ...general, ...own } as Omit<typeof config.policy, 'services'>;
};
