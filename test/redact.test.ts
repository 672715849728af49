import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Secret } from '../src/config.js';
import { fingerprintOf } from '../src/plan/plan.js';
import { MASK, redactor } from '../src/redact.js';
import { secretsOfEnv } from '../src/redact-names.js';
import { idOf, samplePlan, swapOf } from './builders.js';

const PW = 'hUnter2Zq9vKx';
const HEX = 'c0ffee1234567890abcdef1234567890';
const BASE64 = 'bXktdmVyeS1zZWNyZXQtdmFsdWUtMTIzNDU2Nzg5MA';
/** Put together here, so that no scanner takes the corpus for leaked tokens. */
const slackToken = (kind: string) => `${kind}-${['2412345678', '2412345679', 'AbCdEfGhIjKl'].join('-')}`;
const pem = (body: string) =>
  `-----BEGIN RSA ${'PRIVATE'} KEY-----\n${body}\n-----END RSA ${'PRIVATE'} KEY-----`;

/** [text, the part that must not be left in it]; nothing was learned before. */
const SECRETS: readonly (readonly [string, string])[] = [
  ...['xoxb', 'xoxa', 'xoxp', 'xapp', 'xoxe.xoxp'].map(
    (kind) => [`token ${slackToken(kind)} used`, 'AbCdEfGhIjKl'] as const,
  ),
  [`mysql+pymysql://cinder:${PW}@10.0.0.5:3306/cinder`, PW],
  [`connection = mysql+pymysql://cinder:${PW}@10.0.0.5/cinder?charset=utf8`, PW],
  [`amqp://openstack:p@${PW}@10.0.0.5:5672//`, PW],
  [`mysql://cinder:a/${PW}@10.0.0.5/cinder`, PW],
  [`transport_url = rabbit://openstack:${PW}@10.0.0.5:5672,openstack:${PW}@10.0.0.6:5672//`, PW],
  [`redis://:${PW}@10.0.0.5:6379`, PW],
  [`https://${HEX}@git.example.org/x.git`, HEX],
  [`password = ${PW}`, PW],
  [`password=${PW}`, PW],
  [`admin_password: ${PW}`, PW],
  [`DB_PASS=${PW}`, PW],
  [`OS_PASSWORD="${PW} with space"`, PW],
  [`OS_PASSWORD="a ${PW}"`, PW],
  [`rabbitpassword = ${PW},;x`, PW],
  [`memcache_secret_key = ${PW}`, PW],
  [`metadata_proxy_shared_secret=${PW}`, PW],
  [`{"adminPass": "${PW}"}`, PW],
  [`{'password': '${PW}', 'user': 'x'}`, PW],
  [JSON.stringify({ text: JSON.stringify({ password: PW }) }), PW],
  [`url=/v3?password=${PW}&x=1`, PW],
  [`env: [OS_USERNAME=a, OS_PASSWORD=${PW}]`, PW],
  [`msg="bad password: ${PW}"`, PW],
  [`:password => "${PW}"`, PW],
  [`glance --os-password ${PW} image-list`, PW],
  [`--os-password=${PW}`, PW],
  [`mysql -u root -p${PW} cinder`, PW],
  [`curl -s -u admin:${PW} http://10.0.0.5`, PW],
  [`Authorization: Basic ${BASE64}`, BASE64],
  [`"Authorization": "Bearer ${BASE64}"`, BASE64],
  [`sent bearer ${BASE64}`, BASE64],
  [`X-Auth-Token: ${HEX}`, HEX],
  [`curl -H "X-Auth-Token: ${HEX}" -H "Accept: x"`, HEX],
  [`X-Subject-Token: ${HEX}`, HEX],
  [`X-Registry-Auth: ${BASE64}`, BASE64],
  [`Set-Cookie: session=${HEX}; path=/`, HEX],
  [`token gAAAAABm${BASE64}_x==`, BASE64],
  [`jwt eyJhbGciOiJIUzI1NiJ9.${BASE64}.sig`, BASE64],
  [`{"auths":{"quay.io":{"auth":"${BASE64}"}}}`, BASE64],
  [`{"identitytoken":"${HEX}"}`, HEX],
  [`aws ${'AKIA'}IOSFODNN7EXAMPLE`, 'IOSFODNN7EXAMPLE'],
  [`aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY${PW}`, PW],
  [`the encryption key ${HEX}${HEX}`, HEX],
  [`root:$6$saltsalt$${BASE64}:19000`, BASE64],
  [pem(BASE64), BASE64],
  [`${BASE64}\n${pem(BASE64).split('\n').slice(1).join('\n')}`, BASE64],
  [pem(BASE64).split('\n').slice(0, 2).join('\n'), BASE64],
  [JSON.stringify({ key: pem(BASE64) }), BASE64],
];

const INNOCENTS: readonly string[] = [
  `sha256:${idOf('image')}`,
  idOf('container'),
  idOf('container').slice(0, 12),
  `quay.io/openstack.kolla/cinder-api@sha256:${idOf('image')}`,
  'quay.io/openstack.kolla/cinder-api:2025.1-ubuntu-noble',
  'registry.example:5000/kolla/keystone-fernet:2025.1',
  'registry.example/kolla/secret-service:2025.1',
  'keystone_fernet',
  'keystone_fernet_tokens:/etc/keystone/fernet-keys/:rw',
  'osism_cinder_api__swap_r7k2',
  'http://10.0.0.5:8776/healthcheck',
  'http://10.0.0.5:5000/v3/users/olga@example.org',
  'ssh://root@control1',
  'https://registry.example/v2/kolla/cinder-api/manifests/2025.1',
  'unix:///var/run/docker.sock',
  'OS_AUTH_URL=http://10.0.0.5:5000/v3',
  'auth_type = password',
  'auth_section = keystone_authtoken',
  '[keystone_authtoken]',
  'token_provider = fernet',
  'KOLLA_CONFIG_STRATEGY=COPY_ALWAYS',
  'KEYSTONE_VERSION=27.0.0',
  'ssl_key_file = /etc/cinder/cinder-key.pem',
  "KeyError: 'volume_type1'",
  'author: Erin Example',
  'monkey=Banana7',
  'basic authentication is off',
  'the password is wrong',
  'SLACK_BOT_TOKEN: is missing; SLACK_APP_TOKEN: is needed for SLACK_MODE=socket',
  `docker start ${idOf('container')}`,
  `docker rename ${idOf('container')} cinder_api`,
  'cinder-manage db sync',
  'at 2026-11-22T12:00:00.000Z run r-7k2m went on',
  '192.0.2.11:8776 200 OK in 12 ms',
];

describe('secrets by their shape or name', () => {
  test.each(SECRETS)('%s loses its secret', (text, secret) => {
    expect(redactor().redact(text)).not.toContain(secret);
    expect(redactor().redact(text)).toContain(MASK);
  });

  test.each(INNOCENTS)('%s stays as it is', (text) => {
    expect(redactor().redact(text)).toBe(text);
  });

  test.each(SECRETS)('%s is not changed by a second look', (text) => {
    const once = redactor().redact(text);
    expect(redactor().redact(once)).toBe(once);
  });

  test('what stands around a secret stays readable', () => {
    expect(redactor().redact(`mysql://cinder:${PW}@10.0.0.5/cinder is gone`)).toBe(
      `mysql://${MASK}@10.0.0.5/cinder is gone`,
    );
    expect(redactor().redact(`{"user":"a","password":"${PW}","x":1}`)).toBe(
      `{"user":"a","password":"${MASK}","x":1}`,
    );
    const denied = "Access denied for user 'cinder'@'10.0.0.1' (using password: YES)";
    expect(redactor().redact(denied)).toBe(denied);
  });
});

describe('learned secrets', () => {
  test('are masked wherever they stand, also inside JSON, a URL and base64', () => {
    const secret = 'p"ä/ss wörd+7';
    const { learn, redact } = redactor();
    learn([new Secret(secret)]);
    const places = [
      `<${secret}>`,
      JSON.stringify({ x: secret }),
      `?q=${encodeURIComponent(secret)}`,
      Buffer.from(secret).toString('base64'),
    ];
    for (const place of places) expect(redact(place)).toContain(MASK);
  });

  test('no learned secret is left in any text, however they overlap', () => {
    const word = fc.string({
      unit: fc.constantFrom('a', 'b', '1', 'Z', '-', '"'),
      minLength: 6,
      maxLength: 9,
    });
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 5 }),
        fc.array(fc.string({ maxLength: 3 })),
        (secrets, glue) => {
          const { learn, redact } = redactor();
          learn(secrets);
          const all = secrets.map((secret) => secret.trim());
          const text = redact(
            all.map((secret, at) => secret.slice(0, 5) + secret + (glue[at] ?? '')).join(''),
          );
          expect(all.filter((secret) => text.includes(secret))).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('are masked also in a text that was shown before they were known', () => {
    const { redact, learn } = redactor();
    const text = `connecting with ${PW} to the broker`;
    expect([redact(text), redact(text)]).toEqual([text, text]);
    learn([PW]);
    expect(redact(text)).toBe(`connecting with ${MASK} to the broker`);
  });

  test('of a few characters, and everyday words, are not taken', () => {
    const { learn, redact } = redactor();
    learn(['abc', 'password', 'default', 'true', 'admin']);
    expect(redact('admin abc default true')).toBe('admin abc default true');
  });

  test('never tear a container id or a digest apart', () => {
    const id = `cafe12${'0'.repeat(58)}`;
    const { learn, redact } = redactor();
    learn(['cafe12', idOf('a token')]);
    expect(redact(`sha256:${id} and cafe12!`)).toBe(`sha256:${id} and ${MASK}!`);
    expect(redact(idOf('a token'))).toBe(MASK);
  });
});

describe('environment values', () => {
  test('are secret where the name says so, and where an address holds a password', () => {
    const env = [
      `OS_PASSWORD=${PW}`,
      `RABBIT_COOKIE=${HEX}`,
      `MY_API_KEY=k3y-${PW}`,
      `SERVICE_AUTH=${BASE64}`,
      `AWS_CREDENTIALS=${HEX}x`,
      `DATABASE_URL=mysql://cinder:p4ss-word@10.0.0.5/cinder`,
    ];
    expect(secretsOfEnv(env)).toEqual([PW, HEX, `k3y-${PW}`, BASE64, `${HEX}x`, 'p4ss-word']);
  });

  test('are left alone where they are names, addresses, paths or short', () => {
    const env = [
      'PATH=/usr/bin:/bin',
      'OS_AUTH_URL=http://10.0.0.5:5000/v3',
      'TLS_KEY=/etc/ssl/key.pem',
      'KEYSTONE_REGION=RegionOne',
      'OS_AUTH_TYPE=v3password',
      'OS_PASSWORD=short',
      'KOLLA_CONFIG_STRATEGY=COPY_ALWAYS',
      'EMPTY_PASSWORD=',
      'NOVALUE',
    ];
    expect(secretsOfEnv(env)).toEqual([]);
  });
});

/** A plan with every field that a step can have. */
const fullPlan = () => {
  const swap = swapOf('cinder_api', {
    owner: { kind: 'unit', unit: 'kolla-cinder_api-container.service', stopSeconds: 60 },
    config: {
      rendered: '/srv/rendered/2025.2/control1/cinder-api',
      folder: '/etc/kolla/cinder-api',
      destination: '/var/lib/kolla/config_files',
      hash: idOf('new'),
      presentHash: idOf('old'),
    },
    drain: {
      balancers: [
        {
          host: 'control1',
          container: 'haproxy',
          socket: '/var/lib/kolla/haproxy/haproxy.sock',
          servers: ['cinder_api_back/control1', 'cinder_api_external_back/control1'],
        },
      ],
      graceSeconds: 30,
    },
  });
  const plan = samplePlan();
  return { ...plan, steps: [...plan.steps, swap] };
};

/** Every text below a value, keys included. */
const wordsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  const keys = Array.isArray(value) ? [] : Object.keys(value);
  return [...keys, ...Object.values(value).flatMap(wordsIn)];
};

describe('redacting an event', () => {
  test('a plan without secrets comes out equal, so that its fingerprint holds', () => {
    const plan = samplePlan();
    const copy = redactor().redactDeep(plan);
    expect(copy).toEqual(plan);
    expect(fingerprintOf(copy)).toBe(fingerprintOf(plan));
  });

  test('whatever was learned, the steps of a plan are journaled as they were approved', () => {
    const plan = fullPlan();
    const words = [...new Set(wordsIn([plan.steps, plan.finalize]))];
    fc.assert(
      fc.property(
        fc.array(
          fc
            .tuple(fc.constantFrom(...words), fc.nat(40), fc.integer({ min: 6, max: 60 }))
            .map(([word, from, length]) => word.slice(from % word.length).slice(0, length)),
          { minLength: 1, maxLength: 20 },
        ),
        (secrets) => {
          const { learn, redactDeep } = redactor();
          learn(secrets);
          const event = redactDeep({ kind: 'requested', plan });
          expect([event.plan.steps, event.plan.finalize]).toEqual([plan.steps, plan.finalize]);
          expect(fingerprintOf(event.plan)).toBe(fingerprintOf(plan));
        },
      ),
    );
  });

  test('a password that is only a service’s name is not learned, and stays masked where it is named', () => {
    const { learn, redact } = redactor();
    learn(['cinder', 'Glance']);
    expect(redact('cinder-volume on ctl1 up')).toBe('cinder-volume on ctl1 up');
    expect(redact('password = cinder')).toBe(`password = ${MASK}`);
  });

  test('what a service was asked is found again, though a secret is spelled like it', () => {
    const { learn, redactDeep } = redactor();
    learn(['listed', 'ctl1 up', 'volumes']);
    const asked = [{ what: 'volumes listed', verdict: 'well' }];
    const report = { container: 'volumes', asked };
    expect(redactDeep({ kind: 'ready', report })).toEqual({ kind: 'ready', report });
  });

  test('strings are masked at any depth, in lists and under secret names', () => {
    const { learn, redactDeep } = redactor();
    learn([PW]);
    const event = {
      kind: 'noted',
      text: `saw ${PW}`,
      more: [{ why: [`x ${PW}`] }],
      db_password: 'abc',
      n: 1,
      none: null,
    };
    expect(redactDeep(event)).toEqual({
      kind: 'noted',
      text: `saw ${MASK}`,
      more: [{ why: [`x ${MASK}`] }],
      db_password: MASK,
      n: 1,
      none: null,
    });
  });

  test('a container that is named like a learned secret keeps its name, since it is found by it', () => {
    const { learn, redactDeep } = redactor();
    learn(['cinder_api']);
    expect(redactDeep({ name: 'cinder_api', why: 'cinder_api' })).toEqual({ name: 'cinder_api', why: MASK });
  });
});

describe('time', () => {
  const ROWS: readonly (readonly [string, string])[] = [
    ['letters', 'a'],
    ['words', 'a.'],
    ['dashes', 'a-'],
    ['scheme marks', '://'],
    ['colons', 'a:'],
    ['assignments', 'a='],
    ['passwords', 'password='],
    ['quotes', '"'],
    ['escaped quotes', 'key\\"'],
    ['at signs', 'http://a:b'],
    ['spaces', 'key '],
    ['key ends', 'AAAA\n-----END PRIVATE KEY-----'],
    ['key beginnings', '-----BEGIN PRIVATE KEY-----'],
    ['mysql', 'mysql '],
    ['curl', 'curl '],
    ['escapes', '\u001b['],
    ['long spaces', `password${' '.repeat(50)}`],
    ['base64 lines', 'AAAA\n'],
  ];
  test.each(ROWS)('grows with the text and not with its square: %s', (_name, unit) => {
    const { redact, tail } = redactor();
    const text = unit.repeat(Math.ceil(100_000 / unit.length));
    const begin = process.cpuUsage();
    redact(`${text}\n-----END PRIVATE KEY-----`);
    tail(text, { lines: 5, chars: 100 });
    // Processor time, because other tests share the machine. The square of this text would be minutes.
    expect(process.cpuUsage(begin).user / 1_000).toBeLessThan(1_500);
  });
});

describe('the tail of a log', () => {
  test('holds the last lines, and of these the last characters', () => {
    expect(redactor().tail('a\nb\nc\nd\n\n', { lines: 2, chars: 99 })).toBe('c\nd');
    expect(redactor().tail('abcdefgh', { lines: 2, chars: 4 })).toBe('…fgh');
    expect(redactor().tail('ab😀cd', { lines: 1, chars: 4 })).toBe('…cd');
  });

  test('has no ANSI sequence, control, zero-width or bidirectional character', () => {
    const text =
      '\u001b[31mred\u001b[0m \u001b]8;;http://evil\u0007link\u001b]8;;\u0007 \u202Eabc\u2066\u200B\u0000\u0008\ttab\r\nnext\rover';
    expect(redactor().tail(text, { lines: 9, chars: 999 })).toBe('red link abc\ttab\nnext\nover');
  });

  test('is redacted before it is cut, so that no half of a secret is left', () => {
    const { learn, tail } = redactor();
    learn([PW]);
    expect(tail(`begin ${PW}!`, { lines: 1, chars: 8 })).toBe('…acted]!');
    expect(tail(`pass\u001b[0mword=${PW.split('').join('\u200b')}`, { lines: 1, chars: 99 })).toBe(
      `password=${MASK}`,
    );
  });
});
