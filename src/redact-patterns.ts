import { addressOrPath, secrecyOf, trivial } from './redact-names.js';

/*
 * Every expression here is linear in the text: what repeats is bounded or cannot overlap with what follows. Logs of a
 * broken container are an attacker's text as much as anyone's.
 */

/** Tokens that are known by their own shape. */
const SHAPES: readonly RegExp[] = [
  // Slack: docs.slack.dev/authentication/tokens
  /\bx(?:oxe\.xox[a-z]|ox[a-z]|app)-[A-Za-z0-9-]{4,}/g,
  /https:\/\/hooks\.slack\.com\/(?:services|workflows|triggers)\/[\w/-]{8,}/g,
  // AWS access key ids, GitHub and GitLab tokens
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,})/g,
  // Keystone's Fernet tokens (version byte 0x80) and JSON Web Tokens
  /\bgAAAAA[\w-]{20,}={0,2}/g,
  /\beyJ[\w-]{10,}\.[\w-]{4,}(?:\.[\w-]*)?/g,
  // crypt(3), bcrypt and argon2 password hashes
  /\$(?:2[abxy]|[156y]|argon2(?:id|i|d))\$[\w./$=,+-]{20,}/g,
];

const PEM =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g;
/** `scheme://user:password@host`; a password may hold a slash where what follows the colon is no port. */
const USERINFO =
  /\b([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s/?#"'<>]{1,512}@|[^\s/:@"'<>]{0,128}:(?!\d{1,5}[/?#])[^\s"'<>@]{1,256}@)/gi;

/** Headers whose whole rest of the line is secret. */
const HEADER =
  /\b((?:proxy-)?authorization|x-[a-z-]{0,30}(?:token|auth|key|secret)|(?:set-)?cookie)(\\?["']?\s{0,4}[:=]\s{0,4})(\\?["']?)([^\n"']{1,8192})/gi;

const SCHEME = /\b(bearer|basic|negotiate)(\s{1,4})([\w+/.=~-]{8,4096})/gi;

/**
 * `name = value`, `"name": "value"`, `name=>value`; whether the name is a secret's is decided by `secrecyOf`. No shorter
 * name is tried: `(?=(…))\1` takes it whole, and nothing that may follow a name can stand inside one.
 */
const NAME = /(?<!\w)(?=(\w[\w.-]{1,100}))\1(\\?["']?\s{0,40}(?:=>|==|[:=])[ \t]{0,40})/g;
const VALUE = /\\"[^"\n]{1,4096}"|"[^"\n]{1,4096}"?|'[^'\n]{1,4096}'?|[^\s"]{1,4096}/y;

/** `--os-password value`, and a secret-like word followed by a long base64 or hex run. */
const OPTION = /(?<![\w-])(--[A-Za-z][\w-]{1,60})([ \t]{1,8})(?!-)([^\s"']{1,4096})/g;
const RUN_OF = /(?<![\w.-])([A-Za-z_][\w.-]{1,60})([ \t]{1,8})([A-Za-z0-9+/_=-]{32,4096})(?![\w+/=-])/g;
const MYSQL = /\b((?:mysql|mariadb)[\w-]{0,20} [^\n]{0,200}? -p)([^\s"']{3,256})/g;
const CURL = /\b(curl [^\n]{0,400}? (?:-u|--user)[ =]?)([^\s"':]{0,128}:[^\s"']{1,256})/g;

const mixed = (value: string): boolean => /\d|[A-Z]|[^\w\s]/.test(value);

const secretPair = (name: string, separator: string, value: string): boolean => {
  const bare = value.replace(/^\\?["']|\\?["']$/g, '');
  const secrecy = secrecyOf(name);
  // MariaDB's `(using password: YES)` says that one was sent, and is what a person needs to read.
  if (secrecy === undefined || trivial(bare.replace(/\)$/, '')) || addressOrPath(bare)) return false;
  if (secrecy === 'strong') return true;
  const isSet = separator.includes('=') || /["']/.test(separator + value);
  return bare.length >= (isSet ? 4 : 8) && mixed(bare);
};

/** Name and value are matched one after the other, because a value may hold the next name. */
const maskAssignments = (text: string, mask: string): string => {
  let masked = '';
  let done = 0;
  for (const { 0: whole, 1: name = '', 2: separator = '', index } of text.matchAll(NAME)) {
    // `registry/name:tag` is an image, not a setting.
    if (index < done || (separator === ':' && text[index - 1] === '/')) continue;
    VALUE.lastIndex = index + whole.length;
    const value = VALUE.exec(text)?.[0];
    if (value === undefined || !secretPair(name, separator, value)) continue;
    const quote = /^\\?["']/.exec(value)?.[0] ?? '';
    masked += text.slice(done, index) + whole + quote + mask + quote;
    done = index + whole.length + value.length;
  }
  return masked + text.slice(done);
};

const KEY_END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/;

/** The end of a private key whose beginning was cut off, with the lines of base64 above it. */
const maskKeyEnds = (text: string, mask: string): string => {
  if (!KEY_END.test(text)) return text;
  const lines = text.split('\n');
  lines.forEach((line, index) => {
    if (!KEY_END.test(line)) return;
    lines[index] = mask;
    for (let above = index - 1; /^\s*[A-Za-z0-9+/=]+\s*$/.test(lines[above] ?? ''); above--)
      lines[above] = mask;
  });
  return lines.join('\n');
};

/** Masks whatever has the shape of a secret or is named like one. */
export const maskPatterns = (text: string, mask: string): string => {
  if (text.length < 6) return text;
  let masked = maskKeyEnds(text.replace(PEM, mask), mask);
  for (const shape of SHAPES) masked = masked.replace(shape, mask);
  masked = masked
    .replace(USERINFO, (whole, scheme: string, userinfo: string) =>
      userinfo.includes(':') || userinfo.length > 16 ? `${scheme}${mask}@` : whole,
    )
    .replace(HEADER, (whole, name: string, separator: string, quote: string, value: string) =>
      trivial(value) ? whole : `${name}${separator}${quote}${mask}`,
    )
    .replace(SCHEME, (whole, name: string, space: string, value: string) =>
      mixed(value) ? `${name}${space}${mask}` : whole,
    );
  return maskAssignments(masked, mask)
    .replace(OPTION, (whole, name: string, space: string, value: string) =>
      secrecyOf(name) === 'strong' && !trivial(value) ? `${name}${space}${mask}` : whole,
    )
    .replace(RUN_OF, (whole, name: string, space: string) =>
      secrecyOf(name) === undefined ? whole : `${name}${space}${mask}`,
    )
    .replace(MYSQL, `$1${mask}`)
    .replace(CURL, `$1${mask}`);
};
