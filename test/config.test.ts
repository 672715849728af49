import { readFileSync } from 'node:fs';
import { inspect, parseEnv as parseDotEnv } from 'node:util';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { requireKnownNames } from '../src/app/known-names.js';
import {
  configSchema,
  envSchema,
  parseConfig,
  parseEnv,
  policyFor,
  readConfig,
  Secret,
} from '../src/config.js';
import { REFUSAL_CODES, Refusal } from '../src/errors.js';

const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const example = parseDotEnv(read('.env.example'));

const GOOD = `
channel: C012ABCDEF
hosts:
  - { name: control1, engine: "unix:///var/run/docker.sock" }
`;

/** The sentence of the refusal with which something is turned down. */
const refusalOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal && error.code === 'bad-config') return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('the environment', () => {
  test('.env.example names every setting once and no other', () => {
    const lines = read('.env.example').match(/^[A-Z_]+(?==)/gm) ?? [];
    expect(lines).toEqual(Object.keys(envSchema.shape));
  });

  test('.env.example parses as it stands', () => {
    expect(parseEnv(example)).toMatchObject({
      SLACK_MODE: 'socket',
      SLACK_HTTP_PORT: 3000,
      STACKSWAP_LOG_LEVEL: 'info',
    });
  });

  test('.env.example shows the defaults', () => {
    const needed = {
      SLACK_BOT_TOKEN: 'x',
      SLACK_APP_TOKEN: 'x',
      STACKSWAP_CONFIG: 'x',
      STACKSWAP_STATE: 'x',
    };
    const {
      SLACK_BOT_TOKEN: _a,
      SLACK_APP_TOKEN: _b,
      STACKSWAP_CONFIG: _c,
      STACKSWAP_STATE: _d,
      ...defaults
    } = parseEnv(needed);
    expect(parseEnv(example)).toMatchObject(defaults);
  });

  test('all that is missing is reported at once, by name', () => {
    const text = refusalOf(() => parseEnv({}));
    for (const name of ['SLACK_BOT_TOKEN', 'STACKSWAP_CONFIG', 'STACKSWAP_STATE'])
      expect(text).toContain(name);
  });

  test.each([
    ['socket', 'SLACK_APP_TOKEN'],
    ['http', 'SLACK_SIGNING_SECRET'],
  ])('what %s needs is reported together with the rest', (mode, name) => {
    const text = refusalOf(() =>
      parseEnv({ SLACK_MODE: mode, SLACK_HTTP_PORT: '0', STACKSWAP_STATE: '/var/lib/x' }),
    );
    expect(text).toContain(`${name}: is needed for SLACK_MODE=${mode}`);
    for (const other of ['SLACK_BOT_TOKEN', 'SLACK_HTTP_PORT', 'STACKSWAP_CONFIG'])
      expect(text).toContain(other);
    expect(text).not.toContain('STACKSWAP_STATE');
  });

  test('an empty value counts as not set', () => {
    expect(refusalOf(() => parseEnv({ ...example, SLACK_BOT_TOKEN: '' }))).toContain('SLACK_BOT_TOKEN');
  });

  test.each([
    ['SLACK_MODE', 'rtm'],
    ['SLACK_HTTP_PORT', '70000'],
    ['SLACK_API_URL', 'slack.com'],
    ['STACKSWAP_LOG_LEVEL', 'loud'],
  ])('%s=%s is refused by name', (name, value) => {
    expect(refusalOf(() => parseEnv({ ...example, [name]: value }))).toContain(`${name}: `);
  });

  test('a token is printed nowhere: not by a refusal, not as text, JSON or in a debugger', () => {
    const env = { ...example, SLACK_BOT_TOKEN: 'xoxb-hidden', SLACK_HTTP_PORT: 'x' };
    expect(refusalOf(() => parseEnv(env))).not.toContain('hidden');
    const token = parseEnv({ ...env, SLACK_HTTP_PORT: '1' }).SLACK_BOT_TOKEN;
    expect([`${token}`, JSON.stringify({ token }), inspect({ token })].join()).not.toContain('hidden');
    expect(token).toBeInstanceOf(Secret);
    expect(token.reveal()).toBe('xoxb-hidden');
  });
});

describe('the YAML file', () => {
  const withHost = (host: string): string => `channel: C012ABCDEF\nhosts:\n  - ${host}\n`;
  const refused = (yaml: string): string => refusalOf(() => parseConfig(yaml, 'stackswap.yaml'));

  test('needs a channel and a host; all else has a default', () => {
    expect(parseConfig(GOOD, 'x')).toMatchObject({
      images: { prefix: '', pull: 'missing' },
      policy: {
        approvals: 1,
        requester_counts: false,
        expires: 1_800_000,
        on_failure: 'roll-back',
        services: {},
      },
      health: { interval: 1_000, successes: 3, minimum: 10_000, deadline: 300_000 },
      people: [],
      disk_free: { gigabytes: 3 },
      blocks: 'rich',
    });
  });

  test('all problems are reported at once, by name, with the file', () => {
    const text = refused(`
channel: general
hosts:
  - { name: a, engine: "tcp://192.0.2.1:2376" }
  - { name: a, engine: "unix:///var/run/docker.sock" }
people:
  - { name: Olga, slack: U1, roles: [viewer] }
  - { name: Adam, slack: U1, roles: [viewer] }
health: { interval: fast }
colour: blue
`);
    for (const part of [
      'stackswap.yaml',
      'channel: ',
      'hosts: the name a is there twice',
      'hosts.0.tls: ',
      'people: slack U1 is there twice',
      'health.interval: ',
      '"colour"',
    ])
      expect(text).toContain(part);
  });

  test('what is twice is reported although the channel is missing', () => {
    const text = refused('hosts: [{ name: a, engine: "unix:///a" }, { name: a, engine: "unix:///b" }]');
    expect(text).toContain('channel: ');
    expect(text).toContain('hosts: the name a is there twice');
  });

  test.each(['', '[]', 'just words', '42', 'hosts: none', 'hosts: [1]', 'people: 7'])(
    'that holds %j is refused, not a crash',
    (yaml) => {
      expect(refused(yaml)).toContain('stackswap.yaml: ');
    },
  );

  test('bad YAML is refused with its line', () => {
    expect(refused('channel: C1\nhosts: [\n')).toMatch(/stackswap\.yaml: .*line \d/);
  });

  test('a file that cannot be read is refused by its path', () => {
    expect(refusalOf(() => readConfig('/nowhere/stackswap.yaml'))).toContain(
      '/nowhere/stackswap.yaml: ENOENT',
    );
  });

  test('tcp without TLS is refused, on loopback too, with TLS it is not', () => {
    for (const address of ['192.0.2.1:2376', '127.0.0.1:2375', 'localhost:2375', '[::1]:2375'])
      expect(refused(withHost(`{ name: a, engine: "tcp://${address}" }`))).toContain(
        'hosts.0.tls: tcp:// without TLS would hand out root',
      );
    const tls = '{ name: a, engine: "tcp://192.0.2.1:2376", tls: { ca: a, cert: b, key: c } }';
    expect(parseConfig(withHost(tls), 'x').hosts[0]?.tls).toEqual({ ca: 'a', cert: 'b', key: 'c' });
  });

  test.each(['http://192.0.2.1:2375', 'npipe:////./pipe/x', 'unix://relative'])(
    'the engine %s is refused',
    (engine) => {
      expect(refused(withHost(`{ name: a, engine: "${engine}" }`))).toContain('hosts.0.engine: ');
    },
  );

  test.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
  ])('the duration %s is %i milliseconds', (text, milliseconds) => {
    expect(parseConfig(`${GOOD}settle: ${text}\n`, 'x').settle).toBe(milliseconds);
  });

  test.each(['90', '1d', '1.5h', '-3s', '5 m', '""'])('%s is no duration', (text) => {
    expect(refused(`${GOOD}settle: ${text}\n`)).toContain('settle: ');
  });

  test('a duration without a unit is told what a duration looks like', () => {
    expect(refused(`${GOOD}load_balancer: { grace: 60 }\n`)).toContain(
      'load_balancer.grace: a duration such as 500ms, 90s, 30m or 2h',
    );
  });

  test('what does not fit together in a host or a person is reported although a type is wrong there', () => {
    const text = refused(`
channel: C012ABCDEF
hosts:
  - { name: a, engine: "unix:///a", ports: none, ssh: { sudo: maybe } }
  - { name: b, engine: "ssh://b", ssh: { address: b, jump: ["-x"], key: "a'b" } }
  - { name: b, engine: "tcp://c", ports: 7 }
people:
  - { name: Olga, slack: U1, roles: boss }
  - { name: Adam, slack: U1, roles: [viewer] }
`);
    for (const part of [
      'hosts.0.ports: ',
      'hosts.0.ssh.sudo: ',
      'hosts.0.ssh.address: is missing: the engine is not ssh://',
      'hosts.1.ssh.address: an ssh:// engine is the address already',
      'hosts.1.ssh.jump.0: [user@]host[:port]',
      'hosts.1.ssh.key: a path without quotes',
      'hosts.2.ports: ',
      'hosts.2.tls: ',
      'hosts: the name b is there twice',
      'people.0.roles: ',
      'people: slack U1 is there twice',
    ])
      expect(text).toContain(part);
  });

  test.each(['hosts: [null, null]', 'hosts: [{ engine: 7, ssh: 7 }]', 'people: [null, 7]'])(
    'that holds %j is refused, not a crash',
    (yaml) => {
      expect(refused(`channel: C012ABCDEF\n${yaml}\n`)).toContain('stackswap.yaml: ');
    },
  );

  test('a service’s policy differs only in what it names', () => {
    const config = parseConfig(
      `${GOOD}policy: { approvals: 2, services: { keystone: { expires: 1h } } }\n`,
      'x',
    );
    expect(policyFor(config, 'keystone')).toEqual({
      approvals: 2,
      requester_counts: false,
      expires: 3_600_000,
      start_within: 600_000,
      on_failure: 'roll-back',
    });
    expect(policyFor(config, 'cinder')).toMatchObject({ approvals: 2, expires: 1_800_000 });
  });
});

type Json = { properties?: Record<string, Json>; additionalProperties?: Json | boolean; items?: Json };

/** Paths of all settings, as the documentation spells them: `hosts[].name`, `policy.services.<service>.approvals`. */
const pathsOf = (schema: Json, path = ''): string[] => {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const here = path ? `${path}.${name}` : name;
    return [here, ...pathsOf(value, here)];
  });
  const any = path.endsWith('releases') ? `${path}.<release>` : `${path}.<service>`;
  const named =
    typeof schema.additionalProperties === 'object'
      ? [any, ...pathsOf(schema.additionalProperties, any)]
      : [];
  return [...inner, ...named, ...(schema.items ? pathsOf(schema.items, `${path}[]`) : [])];
};

test('releases that are no release are refused where a host’s configuration is said to fit them', () => {
  const withFits = (fits: string) =>
    parseConfig(GOOD.replace('docker.sock"', `docker.sock", config_fits: [${fits}]`), 'a.yaml');
  expect(refusalOf(() => requireKnownNames(withFits("'2025.2', flamingoo")))).toMatch(
    /^Settings: hosts\.0\.config_fits: flamingoo: no release /,
  );
  expect(() => requireKnownNames(withFits("'2025.2', Flamingo"))).not.toThrow();
});

test('settings of a service or release that the catalogue does not know are refused, all at once', () => {
  const config = parseConfig(
    `${GOOD}policy: { services: { cindr: { approvals: 2 } } }\nreleases: { dalmation: { tag: x } }\n`,
    'a.yaml',
  );
  expect(refusalOf(() => requireKnownNames(config))).toMatch(
    /^Settings: policy\.services\.cindr: no service .+; releases\.dalmation: no release .+\. docs/,
  );
  expect(() => requireKnownNames(parseConfig(GOOD, 'a.yaml'))).not.toThrow();
});

test('a person whom neither Slack nor the machine could name is refused', () => {
  expect(
    refusalOf(() => parseConfig(`${GOOD}people: [{ name: Olga, roles: [viewer] }]\n`, 'a.yaml')),
  ).toContain('people.0: give slack, login or both');
});

describe('people who could be two by a Slack group', () => {
  const withPeople = (...people: readonly string[]) =>
    parseConfig(`${GOOD}people:\n${people.map((one) => `  - { ${one} }\n`).join('')}`, 'a.yaml');
  const OLGA = 'name: Olga, login: olga, roles: [operator]';
  const TEAM = 'name: Team, slack_group: S0TEAM, roles: [approver]';

  test('are refused by name where they are listed with a login only', () => {
    const text = refusalOf(() =>
      withPeople(OLGA, 'name: Ken, login: ken, roles: [viewer, breakglass]', TEAM),
    );
    expect(text).toContain('people: Olga has a login and no slack');
    expect(text).toContain('people: Ken has a login and no slack');
  });

  test.each([
    ['their Slack account is known', [OLGA.replace('login', 'slack: U0OLGA, login'), TEAM]],
    ['they only look', [OLGA.replace('operator', 'viewer'), TEAM]],
    ['the group only looks', [OLGA, TEAM.replace('approver', 'viewer')]],
    ['there is no group', [OLGA]],
  ])('are taken where %s', (_why, people) => {
    expect(withPeople(...people).people).toHaveLength(people.length);
  });
});

describe('docs/configuration.md', () => {
  const page = read('docs/configuration.md');
  const described = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]);
  const settings = pathsOf(z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Json);

  test('describes every setting of both schemas, and no other', () => {
    expect(settings).toContain('policy.services.<service>.approvals');
    expect(settings).toContain('hosts[].tls.ca');
    const all = [...settings, ...Object.keys(envSchema.shape)];
    expect(described).toHaveLength(all.length);
    expect(new Set(described)).toEqual(new Set(all));
  });

  test('shows files that parse, and one of them says everything', () => {
    const files = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
    expect(files).toHaveLength(2);
    for (const file of files) parseConfig(file, 'the example');
    for (const top of Object.keys(configSchema.shape)) expect(files[1]).toMatch(new RegExp(`^${top}:`, 'm'));
  });
});

describe('docs/refusals.md', () => {
  const rows = [...read('docs/refusals.md').matchAll(/^\| `([a-z-]+)` \| (.+) \| (.+) \|$/gm)];

  test('lists every code once, and no other', () => {
    expect(rows).toHaveLength(Object.keys(REFUSAL_CODES).length);
    expect(new Set(rows.map((row) => row[1]))).toEqual(new Set(Object.keys(REFUSAL_CODES)));
  });

  test('gives each a meaning and a way out, in sentences', () => {
    const short = rows.filter(
      ([, , meaning = '', wayOut = '']) => !/^.{12,}\.$/.test(meaning) || !/^.{12,}\.$/.test(wayOut),
    );
    expect(short.map((row) => row[1])).toEqual([]);
  });
});
