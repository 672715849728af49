import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differencesOf } from '../../src/kolla/differences.js';
import { secretsOf } from '../../src/kolla/secrets.js';
import { configTree } from './trees.js';

const compare = (
  before: Record<string, string>,
  after: Record<string, string>,
  used: readonly string[] = [],
) =>
  differencesOf({ present: configTree(before), rendered: configTree(after) }, (path) => used.includes(path));

const linesOf = (before: string, after: string, path = 'cinder.conf') =>
  compare({ [path]: before }, { [path]: after }).flatMap(({ lines }) => lines);

describe('what the target configuration changes', () => {
  test('is said setting by setting, with its section, whatever the order of the lines', () => {
    const before = '[DEFAULT]\ndebug = False\nworkers = 4\n[database]\nmax_retries = -1\n';
    const after =
      '# by kolla\n[database]\nmax_retries = -1\n[DEFAULT]\nworkers = 5\nglance_api_version = 2\n';
    expect(linesOf(before, after)).toEqual([
      '- [DEFAULT] debug = False',
      '- [DEFAULT] workers = 4',
      '+ [DEFAULT] workers = 5',
      '+ [DEFAULT] glance_api_version = 2',
    ]);
  });

  test('shows the start command and what is copied of a config.json', () => {
    const json = (command: string, files: object[]) => JSON.stringify({ command, config_files: files });
    const one = {
      source: '/var/lib/kolla/config_files/cinder.conf',
      dest: '/etc/cinder/cinder.conf',
      perm: '0600',
    };
    const two = { ...one, source: '/var/lib/kolla/config_files/uwsgi.ini', dest: '/etc/cinder/uwsgi.ini' };
    expect(
      linesOf(
        json('apache2 -DFOREGROUND', [one]),
        json('uwsgi /etc/cinder/uwsgi.ini', [two, one]),
        'config.json',
      ),
    ).toEqual([
      '- command = apache2 -DFOREGROUND',
      '+ command = uwsgi /etc/cinder/uwsgi.ini',
      '+ config_files[] = source=/var/lib/kolla/config_files/uwsgi.ini dest=/etc/cinder/uwsgi.ini perm=0600',
    ]);
  });

  test('names what is new, what only the host has, and whether that is used', () => {
    const found = compare({ a: 'x', 'b.conf': 'x = 1', c: 'x' }, { 'b.conf': 'x = 1', 'd.conf': 'x = 1' }, [
      'c',
    ]);
    expect(found.map(({ path, change }) => `${path} ${change}`)).toEqual([
      'd.conf added',
      'a stays, unused',
      'c stays, used',
    ]);
  });

  test('says of a file of unknown kind only that it changed, and how large it is', () => {
    const apache = 'Listen 10.0.0.1:8776\n<VirtualHost *:8776>\n';
    expect(linesOf(apache, `${apache}WSGIDaemonProcess x\n`, 'wsgi.conf')).toEqual([
      'changed, 42 bytes → 62 bytes',
    ]);
    expect(compare({}, { 'htpasswd.txt': 'a:b' })[0]?.lines).toEqual(['new, 3 bytes']);
  });

  test('says when nothing changed but comments and order', () => {
    expect(linesOf('a = 1\nb = 2', '# x\nb = 2\na = 1')).toEqual([
      'only comments, blanks or the order of its lines changed',
    ]);
  });

  test.each([
    ['password = old-one', 'password = Sommer2024', 'password'],
    ['connection = mysql+pymysql://cinder:hunter22@10.0.0.1/cinder', 'connection = sqlite', 'connection'],
    [
      'transport_url = rabbit://a:pw123456@h1:5672,b:pw654321@h2:5672//',
      'transport_url = x',
      'transport_url',
    ],
    ['memcache_secret_key = abc', 'memcache_secret_key = def', 'memcache_secret_key'],
    ['snmp_community = public1', 'snmp_community = private2', 'snmp_community'],
  ])('masks %s', (before, after, name) => {
    expect(linesOf(before, after)).toEqual([`~ ${name} = [redacted], changed`]);
  });

  test('masks a secret of one setting wherever else it stands', () => {
    const config = (word: string) => `password = ${word}\nlabel = the-${word}-label\n`;
    expect(linesOf(config('margarine'), config('Margarine'))).toEqual([
      '~ password = [redacted], changed',
      '~ label = [redacted], changed',
    ]);
  });
});

const alphanumeric = (length: number) =>
  fc
    .array(fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'), {
      minLength: length,
      maxLength: length,
    })
    .map((letters) => letters.join(''));

/** As kolla-genpwd makes them, and keys of other tools: always recognised, wherever they stand. */
const random = fc.oneof(
  alphanumeric(40),
  fc.uuid(),
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  alphanumeric(30).map((text) => `gAAAAA${text}`),
);

/** What a person thinks of: recognised where a name or an address says that it is secret. */
const human = fc.constantFrom(
  'Sommer-2024',
  'margarine',
  'let me in now',
  'p@ssw0rd!',
  'geheim#123',
  'correct horse',
);

type Hide = (secret: string) => Record<string, string>;

const HIDING_BY_NAME: readonly Hide[] = [
  (s) => ({ 'a.conf': `[keystone_authtoken]\npassword = ${s}\n` }),
  (s) => ({ 'a.conf': `[DEFAULT]\nsan_password=${s}\nother = 1\n` }),
  (s) => ({ 'a.conf': `admin_token = first\n  ${s}\n` }),
  (s) => ({ 'config.json': JSON.stringify({ command: 'x', auth: { password: s } }) }),
  (s) => ({ 'config.json': JSON.stringify({ users: [{ name: 'a', password: s }] }) }),
  (s) => ({ 'a.yaml': JSON.stringify({ secrets: [s, { deep: s }] }) }),
  (s) => ({ 'a.yml': `clouds:\n  one:\n    auth:\n      password: ${JSON.stringify(s)}\n` }),
  (s) => ({ 'keepalived.conf': `vrrp {\n  auth_pass ${s}\n}\n` }),
];

const HIDING_ANYWHERE: readonly Hide[] = [
  ...HIDING_BY_NAME,
  (s) => ({ 'a.conf': `connection = mysql+pymysql://u:${s}@10.0.0.1:3306/db\n` }),
  (s) => ({ 'a.conf': `backend_url = redis://:${s}@10.0.0.1\n` }),
  (s) => ({ 'a.conf': `innocent = ${s}\n` }),
  (s) => ({ 'a.conf': `[${s}]\nx = 1\n` }),
  (s) => ({ 'a.conf': `${s} = 1\n` }),
  (s) => ({ 'a.conf': `x = 1\n# was ${s}\n` }),
  (s) => ({ 'a.conf': `words = one two ${s} three\n` }),
  (s) => ({ 'config.json': JSON.stringify({ command: `serve --x ${s}` }) }),
  (s) => ({ 'config.json': JSON.stringify({ [s]: 1 }) }),
  (s) => ({ 'a.yaml': `- ${s}\n- [${s}]\n` }),
  (s) => ({ 'fernet/0': `${s}=` }),
  (s) => ({ 'id.pem': `-----BEGIN RSA PRIVATE KEY-----\n${s}\n-----END RSA PRIVATE KEY-----\n` }),
  (s) => ({ '.htpasswd': `admin:$apr1$${s}\n` }),
  (s) => ({ 'run.sh': `curl -u admin:${s} http://x\n` }),
  (s) => ({ 'a.ini': `${s}=\n` }),
];

const shown = (before: Record<string, string>, after: Record<string, string>): string =>
  JSON.stringify(compare(before, after).map(({ lines }) => lines));

describe('no secret is in what is shown', () => {
  const hidden = (hides: readonly Hide[], secrets: fc.Arbitrary<string>) =>
    fc.property(fc.constantFrom(...hides), secrets, secrets, (hide, one, other) => {
      const texts = [
        shown(hide(one), hide(other)),
        shown({}, hide(one)),
        shown(hide(one), { 'a.conf': 'x = 1' }),
      ];
      for (const text of texts) for (const secret of [one, other]) expect(text).not.toContain(secret);
    });

  test('random ones, wherever they stand', () => {
    fc.assert(hidden(HIDING_ANYWHERE, random), { numRuns: 1_500 });
  });

  test('human ones, where a name says so', () => {
    fc.assert(hidden(HIDING_BY_NAME, human), { numRuns: 300 });
  });

  test('and every one under a secret’s name or in an address is known to the redactor', () => {
    fc.assert(
      fc.property(random, (secret) => {
        for (const hide of HIDING_BY_NAME.filter((_one, at) => at !== 2 && at !== 5))
          expect(secretsOf(configTree(hide(secret)))).toContain(secret);
        const address = configTree({ 'a.conf': `connection = mysql://u:${secret}@10.0.0.1/db` });
        expect(secretsOf(address)).toContain(secret);
      }),
    );
  });

  test('while ordinary words are not taken for secrets', () => {
    const tree = configTree({
      'cinder.conf':
        '# The secret provided by the operator, the token follows\n[DEFAULT]\nauth_strategy = keystone\ntransport = messaging\nlog_file = /var/log/kolla/cinder/cinder-api.log\n',
      'config.json': '{"command": "cinder-api --config-file /etc/cinder/cinder.conf"}',
    });
    expect(secretsOf(tree)).toEqual([]);
  });
});
