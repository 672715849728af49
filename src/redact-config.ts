import { addressOrPath, looksSecret, secretsOfEnv, trivial } from './redact-names.js';

/** Fields of an inspect answer that name things: they are shown by nature, and looked up again. */
const NAMES: ReadonlySet<string> = new Set(
  `Id Name Image Hostname Domainname Driver NetworkMode IpcMode PidMode UTSMode Created StartedAt FinishedAt NetworkID
  EndpointID SandboxID SandboxKey RepoTags RepoDigests Parent Layers GraphDriver ResolvConfPath HostnamePath HostsPath
  LogPath Platform Os Architecture DockerVersion CapAdd CapDrop MaskedPaths ReadonlyPaths`.split(/\s+/),
);

const LEAST = 16;
const MOST = 512;
/** Of the neighbours in a random word of letters and digits about every second pair changes its kind, in names few do. */
const CHANGES = 0.25;

const kindOf = (character: string): string =>
  /[0-9]/.test(character)
    ? 'digit'
    : /[A-Z]/.test(character)
      ? 'upper'
      : /[a-z]/.test(character)
        ? 'lower'
        : '';

/** A digest or a full id, a UUID, a git commit: long and random, and no secret. */
const IDENTITY = /^(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** Whether a word looks drawn by chance, as generated passwords and tokens do. */
export const looksRandom = (word: string): boolean => {
  if (word.length < LEAST || word.length > MOST || IDENTITY.test(word)) return false;
  const kinds = [...word].map(kindOf).filter((kind) => kind !== '');
  if (!kinds.includes('digit') || new Set(kinds).size < 2) return false;
  const changes = kinds.filter((kind, at) => at > 0 && kind !== kinds[at - 1]).length;
  return changes / word.length >= CHANGES;
};

const SEPARATORS = /[\s"'`,;:=@?&<>(){}[\]|\\/]+/;
/** Base64 has slashes and plus signs of its own. */
const BASE64 = /[A-Za-z0-9+/_-]{20,512}={0,2}/g;

const randomWords = (text: string): readonly string[] => [
  ...text.split(SEPARATORS).filter(looksRandom),
  ...[...text.matchAll(BASE64)].map(([run]) => run).filter((run) => !run.startsWith('/') && looksRandom(run)),
];

/** `--db-password value`: the option is one word of a command, its value the next. */
const afterOptions = (words: readonly string[]): readonly string[] =>
  words.filter((_word, at) => {
    const option = words[at - 1];
    return option?.startsWith('--') && !option.includes('=') && looksSecret(option.slice(2));
  });

/** The credentials of HTTP's Basic scheme: whoever reads the base64 has the password. RFC 7617. */
const ofBasic = (text: string): readonly string[] =>
  [...text.matchAll(/\bbasic[ =:]{1,3}([A-Za-z0-9+/]{8,512}={0,2})/gi)].flatMap(([, encoded = '']) => {
    const [, ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
    return password.length > 0 ? [password.join(':')] : [];
  });

const JSON_PAIR = /"([^"\\]{1,200})"\s{0,9}:\s{0,9}"([^"\\]{1,512})"/g;

/** JSON inside a variable, and the options of a mount: `username=cinder,password=…`. */
const ofPairs = (text: string): readonly string[] =>
  secretsOfEnv([
    ...text.split(/[\s,;]+/),
    ...[...text.matchAll(JSON_PAIR)].map(([, name, value]) => `${name}=${value}`),
  ]);

const ofText = (text: string, key: string): readonly string[] => [
  ...(looksSecret(key) && !trivial(text) && !addressOrPath(text) ? [text] : []),
  ...secretsOfEnv(text.split(/\s+/).map((word) => word.replace(/^--?/, ''))),
  ...ofPairs(text),
  ...secretsOfEnv([text, `text=${text}`]),
  ...(text.includes(' ') ? afterOptions(text.split(/\s+/)) : []),
  ...ofBasic(text),
  ...randomWords(text),
];

/** Fields are named, and variables set, alike in thousands of containers: so many are remembered as read. */
const REMEMBERED = 10_000;
const read = new Map<string, readonly string[]>();

const readOnce = (text: string, key: string): readonly string[] => {
  const mark = `${key}\0${text}`;
  const known = read.get(mark);
  if (known) return known;
  const found = ofText(text, key);
  if (read.size >= REMEMBERED) read.clear();
  if (mark.length <= MOST) read.set(mark, found);
  return found;
};

/** Fields whose own fields people name as they like: one called `Name` or `Image` there is no name of the engine's. */
const FREELY_NAMED: ReadonlySet<string> = new Set(
  'Labels Annotations Options Opts DriverOpts StorageOpt Sysctls Tmpfs LogConfig'.split(' '),
);

const walk = (value: unknown, key: string, free = false): readonly string[] => {
  if (!free && NAMES.has(key)) return [];
  if (typeof value === 'string') return readOnce(value, key);
  if (Array.isArray(value)) {
    const words = value.filter((one) => typeof one === 'string');
    return [...value.flatMap((one) => walk(one, '', free)), ...afterOptions(words)];
  }
  if (value === null || typeof value !== 'object') return [];
  const within = free || FREELY_NAMED.has(key);
  return Object.entries(value).flatMap(([name, inner]) => [
    ...readOnce(name, ''),
    ...walk(inner, name, within),
  ]);
};

/**
 * What looks like a secret in any field of a container's or an image's configuration as the engine gives it: by its name
 * (variables, labels, options of a command or a log driver), inside addresses, and by its look. For `Redactor.learn`.
 * What is a part of the container's own name or image reference is shown by nature and is not taken.
 */
export const secretsOfInspect = (inspect: {
  readonly Name?: string | undefined;
  readonly RepoTags?: readonly string[] | null | undefined;
  readonly Config?: { readonly Image?: string | null | undefined } | null | undefined;
}): readonly string[] => {
  const shown = [inspect.Name, inspect.Config?.Image, ...(inspect.RepoTags ?? [])].filter(Boolean).join(' ');
  return [...new Set(walk(inspect, ''))].filter((secret) => !shown.includes(secret));
};
