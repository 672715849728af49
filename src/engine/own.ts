import { isEmpty, same, withoutEmpty } from './canonical.js';
import type { ContainerConfig } from './inspect.js';

type Fields = Record<string, unknown>;

/** What the engine takes from the image where the create request says nothing (moby daemon/commit.go, `merge`). */
export const FROM_IMAGE = [
  'ArgsEscaped',
  'Cmd',
  'Entrypoint',
  'Env',
  'ExposedPorts',
  'Healthcheck',
  'Labels',
  'Shell',
  'StopSignal',
  'User',
  'Volumes',
  'WorkingDir',
] as const;

const PLAIN = ['Shell', 'StopSignal', 'User', 'WorkingDir'] as const;

/** `NAME=value` → `NAME`; an entry without `=` takes a variable of the image away. */
export const variableOf = (entry: string): string => entry.split('=', 1)[0] ?? entry;

const minus = (own: Fields | null | undefined, image: Fields | null | undefined): Fields =>
  Object.fromEntries(
    Object.entries(own ?? {}).filter(([key, value]) => !(key in (image ?? {})) || !same(value, image?.[key])),
  );

/**
 * The operator's own command line. An own entrypoint makes the engine drop the image's command, so a command beside it
 * is own as well. An entrypoint cleared with `['']` reads as null and does the same; one cleared with `[]` does not.
 */
const ownCommand = (config: ContainerConfig, image: ContainerConfig): Fields => {
  const entrypoint = config.Entrypoint;
  const cmd = config.Cmd ?? [];
  const ownCmd = same(cmd, image.Cmd ?? []) ? {} : { Cmd: cmd };
  const commandDropped = cmd.length === 0 && !isEmpty(image.Cmd) && !isEmpty(entrypoint);
  if (same(entrypoint ?? [], image.Entrypoint ?? []) && !commandDropped) return ownCmd;
  if (entrypoint?.length === 0) return { Entrypoint: [], ...ownCmd };
  return { Entrypoint: entrypoint ?? [''], ...(cmd.length > 0 ? { Cmd: cmd } : {}) };
};

/**
 * Of the fields that an image gives defaults for, those that the operator gave. An own value that equals the image's
 * default cannot be told from it and counts as the image's.
 */
export const ownConfig = (config: ContainerConfig, image: ContainerConfig): Fields => {
  const plain = PLAIN.filter((key) => !same(config[key] ?? '', image[key] ?? '')).map((key) => [
    key,
    config[key],
  ]);
  return {
    ...ownCommand(config, image),
    ...withoutEmpty({
      ...Object.fromEntries(plain),
      Env: (config.Env ?? []).filter((entry) => !(image.Env ?? []).includes(entry)),
      Labels: minus(config.Labels, image.Labels),
      ExposedPorts: minus(config.ExposedPorts, image.ExposedPorts),
      Volumes: minus(config.Volumes, image.Volumes),
      Healthcheck: ownHealthcheck(config, image),
    }),
  };
};

/** A field that is absent, 0 or empty inherits the image's. */
const meant = (healthcheck: Fields | null | undefined): Fields =>
  Object.fromEntries(Object.entries(healthcheck ?? {}).filter(([, value]) => value !== 0 && !isEmpty(value)));

const ownHealthcheck = (config: ContainerConfig, image: ContainerConfig): Fields =>
  minus(meant(config.Healthcheck), meant(image.Healthcheck));

const list = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
const record = (value: unknown): Fields => (value !== null && typeof value === 'object' ? { ...value } : {});

const commandWith = (own: Fields, image: ContainerConfig): Fields => {
  const entrypoint = list(own.Entrypoint);
  const cmd = list(own.Cmd);
  if (entrypoint.length > 0) return { Entrypoint: entrypoint[0] === '' ? [] : entrypoint, Cmd: cmd };
  const inherited = own.Entrypoint === undefined ? (image.Entrypoint ?? []) : [];
  return { Entrypoint: inherited, Cmd: cmd.length > 0 ? cmd : (image.Cmd ?? []) };
};

/** What the engine makes of own values on an image: the inverse of `ownConfig`. */
export const withImage = (own: Fields, image: ContainerConfig): Fields => {
  const env = list(own.Env);
  const named = new Set(env.map(variableOf));
  return {
    ...Object.fromEntries(PLAIN.map((key) => [key, own[key] ?? image[key]])),
    ...commandWith(own, image),
    Env: [...env, ...(image.Env ?? []).filter((entry) => !named.has(variableOf(entry)))],
    Labels: { ...image.Labels, ...record(own.Labels) },
    ExposedPorts: { ...image.ExposedPorts, ...record(own.ExposedPorts) },
    Volumes: { ...image.Volumes, ...record(own.Volumes) },
    Healthcheck: { ...meant(image.Healthcheck), ...record(own.Healthcheck) },
  };
};
