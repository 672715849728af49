import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../commands/index.js';
import { Refusal } from '../src/errors.js';
import { parseCommand, parseWords } from '../src/parse.js';

const parse = (text: string) => {
  const { command, args } = parseCommand(text, COMMANDS);
  return [command.name, args];
};

const refusal = (text: string): Refusal => {
  try {
    parseCommand(text, COMMANDS);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error(`"${text}" was not refused`);
};

const request = (to?: string, overrides = {}) => [
  'upgrade',
  { service: 'cinder', ...(to === undefined ? {} : { to }), overrides },
];

describe('what people type', () => {
  test.each([
    'upgrade cinder to 2025.2',
    'upgrade cinder --to 2025.2',
    'upgrade cinder --to=2025.2',
    'upgrade to 2025.2 cinder',
    '  UPGRADE   Cinder TO 2025.2 ',
  ])('"%s" asks for cinder at 2025.2', (text) => {
    expect(parse(text)).toEqual(request('2025.2'));
  });

  test.each([
    'upgrade cinder to 2025.2 override "tested in staging"',
    'upgrade cinder to 2025.2 override “tested in staging”',
    'upgrade cinder --to=2025.2 --override="tested in staging"',
    'upgrade\u00a0cinder to\u00a02025.2 override ‘tested in staging’',
    'upgrade cinder —to 2025.2 –override "tested in staging"',
  ])('"%s" carries a reason of several words, whatever a phone made of its quotes', (text) => {
    expect(parse(text)).toEqual(request('2025.2', { jump: 'tested in staging' }));
  });

  test.each(['"it doesn\'t matter"', '“it doesn’t matter”'])('an apostrophe in %s is no quote', (reason) => {
    expect(parse(`hold cinder ${reason}`)).toEqual([
      'hold',
      { service: 'cinder', reason: "it doesn't matter" },
    ]);
  });

  test('links that Slack made of words are words again', () => {
    expect(parse('upgrade cinder to <http://2025.2-demo.example|2025.2-demo.example>')).toEqual(
      request('2025.2-demo.example'),
    );
    expect(parse('hold cinder "ask <@U1|erin> in <#C1|ops>"')).toEqual([
      'hold',
      { service: 'cinder', reason: 'ask erin in ops' },
    ]);
    expect(parse('hold cinder "a &lt; b &amp; c"')).toEqual([
      'hold',
      { service: 'cinder', reason: 'a < b & c' },
    ]);
  });

  test('no words at all ask for help', () => {
    expect(parse('   ')).toEqual(['help', {}]);
  });

  test('words that a shell took apart keep their spaces', () => {
    expect(parseWords(['hold', 'cinder', 'two words'], COMMANDS).args).toEqual({
      service: 'cinder',
      reason: 'two words',
    });
  });
});

describe('what is refused', () => {
  test.each([
    ['upgarde cinder', 'Did you mean "upgrade"?'],
    ['roll cinder', 'Did you mean "rollback"?'],
    ['finalise', 'Did you mean "finalize"?'],
  ])('%s: %s', (text, hint) => {
    expect(refusal(text)).toMatchObject({ code: 'unknown-verb', wayOut: expect.stringContaining(hint) });
  });

  test('a word that is near to no verb is answered with all verbs', () => {
    expect(refusal('xylophonists').wayOut).toContain(
      'There are: help, services, status, doctor, plan, upgrade',
    );
  });

  test.each([
    ['upgrade', 'upgrade: "service" is missing.'],
    ['upgrade cinder to', '"to" needs a value.'],
    ['upgrade cinder to 1 to 2', '"to" is given twice.'],
    [
      'upgrade cinder glance',
      '"glance" is one word too many; several words that belong together go in quotes.',
    ],
    ['upgrade cinder --ot 2025.2', 'upgrade knows no "--ot".'],
    ['upgrade cinder --overide x', 'upgrade knows no "--overide"; did you mean "override".'],
    ['upgrade cinder override "x"', 'upgrade: "override": a reason of at least 5 letters, in quotes.'],
    [`status ${'x'.repeat(1_000)}`, 'That is 1007 characters; at most 1000 are read.'],
  ])('%s: %s', (text, why) => {
    expect(refusal(text)).toMatchObject({ code: 'bad-arguments', why });
  });

  test('bad arguments are answered with usage and an example', () => {
    expect(refusal('hold cinder').wayOut).toBe(
      'Usage: hold <service> "reason". Example: hold cinder "storage maintenance until Friday"',
    );
  });

  test('each example of a command is understood as that command', () => {
    expect(COMMANDS.map((command) => parseCommand(command.example, COMMANDS).command.name)).toEqual(
      COMMANDS.map((command) => command.name),
    );
  });

  test('nothing but a refusal is ever thrown, whatever is typed', () => {
    const word = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        'upgrade',
        'to',
        '--to=',
        '"',
        '’',
        '<@U1|',
        '=',
        '__proto__',
        'constructor',
        '—override',
        '&amp;',
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        try {
          const { command } = parseCommand(words.join(' '), COMMANDS);
          expect(COMMANDS).toContain(command);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }),
      { numRuns: 300 },
    );
  });
});
