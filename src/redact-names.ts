/** Parts of a name that say "secret" wherever they stand, as in `dbpassword` or `memcache_secret_key`. */
const STRONG = /passw|passphrase|passcode|secret|token|credential|(?:api|private|access|auth)_?key/;

/** What every name below holds; most names of a log do not, and are dropped at once. */
const LIKELY = /pass|pwd|secret|token|credential|key|auth|cookie|salt|psk/i;

/** Words that say "secret" only when they stand alone: KEYSTONE holds `key`, `author` holds `auth`. */
const WORDS: ReadonlySet<string> = new Set([
  'pass',
  'pwd',
  'key',
  'keys',
  'auth',
  'cookie',
  'cookies',
  'passwords',
  'salt',
  'psk',
]);

/** Last words after which the name speaks of something about the secret, not of the secret. */
const ABOUT: ReadonlySet<string> = new Set(
  `url uri urls endpoint file files filename path dir directory type section version strategy plugin method methods host
  hosts port name names user username enabled enable ttl expiry expires expiration expire timeout length size count driver
  provider algorithm format interval retries required mode class policy domain project region hint interface
  permissions owner group uid gid backend service services caching cache rotation event events error errors`.split(
    /\s+/,
  ),
);

const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');

/** Whether a name alone says that its value is secret: `strong` always, `weak` where the value looks like it. */
export const secrecyOf = (name: string): 'strong' | 'weak' | undefined => {
  if (name.length > 200 || !LIKELY.test(name)) return undefined;
  const words = wordsOf(name);
  const last = words.at(-1) ?? '';
  if (ABOUT.has(last)) return undefined;
  if (STRONG.test(words.join('_')) && !/^tokeni[sz]/.test(last)) return 'strong';
  return words.some((word) => WORDS.has(word)) && last !== 'id' ? 'weak' : undefined;
};

export const looksSecret = (name: string): boolean => secrecyOf(name) !== undefined;

const TRIVIAL: ReadonlySet<string> = new Set(
  `true false yes no on off none null nil undefined default password passwd secret token changeme admin root guest user
  public private internal external redacted openstack keystone service services localhost production example required
  optional enabled disabled string integer unknown basic bearer digest fernet negotiate external oauth1 mapped hidden
  v3password v3token noauth credentials invalid missing expired is was has not needs needed must wrong unset empty too`.split(
    /\s+/,
  ),
);

/** Values that are no secret, or that could not be masked everywhere without making every text unreadable. */
export const trivial = (value: string): boolean => {
  const text = value.trim();
  return text === '' || TRIVIAL.has(text.toLowerCase()) || /^\[redacted\]\W*$|^\W{1,5}$|^\*+$/i.test(text);
};

const SERVICE_NAMES: ReadonlySet<string> = new Set(
  `cinder glance placement neutron octavia designate barbican magnum manila ironic swift trove masakari
  rabbitmq mariadb haproxy keepalived memcached horizon`.split(/\s+/),
);

/** A password that is only a service's name is never learned: every text, and every container's name, holds the word. */
export const isServiceName = (value: string): boolean => SERVICE_NAMES.has(value.trim().toLowerCase());

/** Whether a value is a plain address or path, which a name such as OS_AUTH or TLS_KEY often holds. */
export const addressOrPath = (value: string): boolean =>
  /^[a-z][a-z0-9+.-]{0,30}:\/\/[^\s@]*$/i.test(value) ||
  /^\/(?:etc|var|run|usr|opt|srv|home|tmp|dev|proc|root)(?:\/|$)/.test(value);

/**
 * The secret values of a container's environment (`NAME=value` as the engine gives it): those whose name says so, and
 * the passwords inside addresses. For `Redactor.learn`.
 */
export const secretsOfEnv = (env: readonly string[]): string[] =>
  env.flatMap((pair) => {
    const split = pair.indexOf('=');
    const value = pair.slice(split + 1).trim();
    const userinfo = /:\/\/[^\s/?#:@]{0,128}:([^\s]{1,256})@/.exec(value)?.[1];
    if (userinfo !== undefined)
      return userinfo.includes('@') ? [userinfo, ...passwordsOf(value)] : [userinfo];
    const secret = split > 0 && looksSecret(pair.slice(0, split)) && !addressOrPath(value);
    return secret && value.length >= 6 && !trivial(value) ? [value] : [];
  });

/** An oslo transport address names several hosts, each with its own `user:password@`. */
const passwordsOf = (address: string): string[] =>
  [...address.matchAll(/(?:\/\/|,)[^\s/?#:@,]*:([^\s/?#@,]{1,512})@/g)].flatMap(
    ([, password]) => password ?? [],
  );
