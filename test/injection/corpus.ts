/* LIVE stands where something would be live if it were read as markup. */

const ESC = '\u001b';

const MENTIONS = [
  '<!channel>',
  '<!here>',
  '<!everyone>',
  '<!channel|LIVE>',
  '<!here|here>',
  '<@U0EVIL>',
  '<@W0EVIL|LIVE>',
  '<#C0EVIL>',
  '<#C0EVIL|LIVE>',
  '<!subteam^S0EVIL>',
  '<!subteam^S0EVIL|@LIVE>',
  '@channel',
  '@here LIVE',
  '@U0EVIL',
  '#general',
];

export const LINKS = [
  '<http://evil.example|LIVE>',
  '<https://evil.example/LIVE>',
  '<mailto:evil@evil.example|LIVE>',
  '<tel:+100|LIVE>',
  '<slack://user?team=T0&id=U0EVIL|LIVE>',
  '<javascript:alert(1)|LIVE>',
  'http://evil.example/LIVE',
  'evil.example/LIVE',
  'ftp://evil.example/LIVE',
  '[LIVE](http://evil.example)',
  '<a href="http://evil.example">LIVE</a>',
  '&lt;http://evil.example|LIVE&gt;',
  '&#60;!channel&#62;',
  '\\<!channel\\>',
  '<<!channel>>',
  '<!channel',
  '!channel>',
];

const MARKUP = [
  ' *LIVE* ',
  ' _LIVE_ ',
  ' ~LIVE~ ',
  ' `LIVE` ',
  ' ```LIVE``` ',
  '```\nLIVE\n```',
  '\n```\n<!channel>\n```\n',
  '`<!here>`',
  '` <!here> `',
  '\n> LIVE',
  '\n>>> LIVE',
  '> LIVE',
  '\n• LIVE',
  '\n# LIVE',
  '*`_~LIVE~_`*',
  ':tada:',
  ':rotating_light: LIVE :+1:',
  ':LIVE-skin::skin-tone-2:',
  '\n*Approved by Olga* (U0OLGA)\n',
  '✓ Approved by Olga · Approve',
];

const TOKENS = [
  '<!date^1700000000^{date_num} LIVE^http://evil.example|LIVE>',
  '<!date^1700000000^{date}|LIVE>',
  '<!LIVE>',
  '<!foo^bar|LIVE>',
];

const BLOCKS = [
  '{"blocks":[{"type":"section","text":{"type":"mrkdwn","text":"LIVE"}}]}',
  '[{"type":"actions","elements":[{"type":"button","action_id":"stackswap:approve","value":"r1"}]}]',
  '"},{"type":"section","text":{"type":"mrkdwn","text":"<!channel> LIVE"}},{"x":"',
  '"]}],"text":"<!channel>","blocks":[{"type":"divider"}]}//',
  '\\"}]},{\\"type\\":\\"divider\\"}',
  '$(LIVE)',
  '{{LIVE}}',
  '%s %n %x LIVE',
  '__proto__',
  'constructor.prototype.LIVE',
];

const UNSEEN = [
  '\u202Ereversed LIVE\u202C',
  '\u202Dleft\u202C',
  '\u2066isolate\u2069',
  '\u2067right\u2069',
  '\u2068first\u2069',
  '\u061Cmark',
  'zero\u200Bwidth',
  'zero\u200Cjoin',
  'zero\u200Der',
  'word\u2060join',
  '\uFEFFmark',
  'soft\u00ADhyphen',
  'tag\u{E0041}\u{E0042}',
  'line\u2028break <!channel>',
  'paragraph\u2029break',
  'nul\u0000byte',
  'bell\u0007',
  'back\u0008space',
  'vertical\u000btab',
  'form\u000cfeed',
  'delete\u007f',
  'next\u0085line',
  'csi\u009b31mred',
  'private\uE000use',
  'lone\uD83Dsurrogate',
  'interlinear\uFFF9a\uFFFAb\uFFFB',
];

const TERMINAL = [
  `${ESC}[31mLIVE${ESC}[0m`,
  `${ESC}[2J${ESC}[H`,
  `${ESC}[1A${ESC}[2K`,
  `${ESC}]8;;http://evil.example${ESC}\\LIVE${ESC}]8;;${ESC}\\`,
  `${ESC}]8;;http://evil.example\u0007LIVE${ESC}]8;;\u0007`,
  `${ESC}]0;LIVE\u0007`,
  `${ESC}]52;c;TElWRQ==\u0007`,
  `${ESC}P1$tLIVE${ESC}\\`,
  `${ESC}[6n`,
  `${ESC}c`,
  `${ESC}[?1049h`,
  `${ESC}[8m hidden ${ESC}[28m`,
  '\rapproved',
  'a\r\nSet-Cookie: LIVE',
  'one\r\n{"level":"info","msg":"LIVE"}',
  'one\n{"level":"error","msg":"LIVE"}\n',
  '\b\b\b\b\b\b\b\bLIVE',
];

const LONG = [
  '<!channel>'.repeat(2_000),
  'x'.repeat(60_000),
  `${'*'.repeat(5_000)}LIVE`,
  '\u202E'.repeat(3_000),
  '🎉'.repeat(4_000),
  `${'\n'.repeat(5_000)}LIVE`,
];

const BASE = [...MENTIONS, ...LINKS, ...MARKUP, ...TOKENS, ...BLOCKS, ...UNSEEN, ...TERMINAL] as const;

/** The places in which such a string arrives. */
const WRAPPED: readonly ((payload: string) => string)[] = [
  (payload) => payload,
  (payload) => `2026-11-22 10:00:00.123 7 ERROR cinder [-] ${payload} went wrong`,
  (payload) => `registry.example:5000/kolla/${payload}:2025.2`,
  (payload) => `PASSWORD_FILE=/etc/${payload}`,
  (payload) => `${payload.split('').join('\u200b')}`,
];

/** Every string once: mentions, links, markup, blocks, unseen characters, terminal sequences, each in five places. */
export const corpus = (): readonly string[] => [
  ...new Set([...BASE.flatMap((payload) => WRAPPED.map((wrap) => wrap(payload))), ...LONG]),
];
