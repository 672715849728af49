import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../commands/index.js';
import { findRun } from '../../src/app/open-runs.js';
import { serviceNamed } from '../../src/catalogue/index.js';
import { releaseNamed, releaseOfTag } from '../../src/catalogue/releases.js';
import { requestSchema } from '../../src/cli/protocol.js';
import { parseConfig } from '../../src/config.js';
import { parseWords } from '../../src/parse.js';
import { redactor } from '../../src/redact.js';
import { EMPTY } from '../../src/run/run.js';
import { readSlash } from '../../src/slack/inbound.js';

/** Names that every object has from its prototype. */
const INHERITED = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
];

describe.each(INHERITED)('%s', (name) => {
  test('is no run, no service, no release and no verb', () => {
    expect(() => findRun(EMPTY, name, undefined)).toThrow(expect.objectContaining({ code: 'unknown-run' }));
    expect(() => serviceNamed(name)).toThrow(expect.objectContaining({ code: 'unknown-service' }));
    expect(releaseNamed(name)).toBeUndefined();
    expect(releaseOfTag(name)).toBeUndefined();
    expect(() => parseWords([name], COMMANDS)).toThrow(expect.objectContaining({ code: 'unknown-verb' }));
  });

  test('is no setting', () => {
    const yaml = `channel: C012ABCDEF\nhosts: [{ name: c1, engine: 'unix:///s' }]\n${name}: { polluted: 1 }\n`;
    expect(() => parseConfig(yaml, 'x.yaml')).toThrow(expect.objectContaining({ code: 'bad-config' }));
    expect(Object(Object.prototype).polluted).toBeUndefined();
  });

  test('goes through the redactor as any other name, and changes nothing else', () => {
    const event = JSON.parse(`{"kind":"noted","${name}":{"polluted":"xoxb-17-not-a-real-token"}}`);
    const copy = redactor().redactDeep(event);
    expect(new Set(Object.keys(copy))).toEqual(new Set(['kind', name]));
    expect(JSON.stringify(copy)).toContain('"polluted":"[redacted]"');
    expect(Object({}).polluted).toBeUndefined();
  });
});

const BODY = {
  team_id: 'T0HOME',
  user_id: 'U0ERIN',
  channel_id: 'C0OPS',
  command: '/openstack',
  text: 'status',
  trigger_id: '1.2',
};

describe('what comes in', () => {
  test.each([
    ['a user as an object', { user_id: { id: 'U0ERIN' } }],
    ['a user as a list', { user_id: ['U0ERIN', 'U0OLGA'] }],
    ['no team', { team_id: undefined }],
    ['a text as an object', { text: { toString: 'status' } }],
    ['a text without end', { text: 'x'.repeat(5_000) }],
    ['a user with a tail', { user_id: 'U0ERIN|<!channel>' }],
    ['a user with a line', { user_id: 'U0ERIN\nU0OLGA' }],
    ['a channel as a number', { channel_id: 7 }],
  ])('with %s is turned down', (_what, change) => {
    expect(readSlash(BODY).user).toBe('U0ERIN');
    expect(() => readSlash({ ...BODY, ...change })).toThrow();
  });

  test('at the control socket is words and a login, and nothing else', () => {
    expect(requestSchema.safeParse({ words: ['status'], login: 'erin' }).success).toBe(true);
    for (const odd of [
      { words: 'status', login: 'erin' },
      { words: [{ length: 1 }], login: 'erin' },
      { words: ['status'], login: ['erin'] },
      { words: ['status'], login: 'erin', roles: ['approver'] },
      JSON.parse('{"words":["status"],"login":"erin","__proto__":{"roles":["approver"]}}'),
      null,
      [],
    ])
      expect([odd, Object.keys(Object(requestSchema.safeParse(odd).data)).includes('roles')]).toEqual([
        odd,
        false,
      ]);
  });
});
