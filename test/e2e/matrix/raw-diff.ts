import { DEFAULTS } from './images.js';

/*
 * Says on its own in what two inspect answers of the engine differ: nothing of src/ is used, since the product's
 * comparison is what is judged by it.
 */

/** An answer of the engine, as it came. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

type Fields = { readonly [name: string]: Json };

export type May = { readonly path: string; readonly reason: string };

const now = 'what it does now; whether it runs and is well is asked apart';
const start = 'drawn by the engine at each start';
const bridge = 'repeats what the default bridge gave at the start, where no address can be asked for';
const layers = 'the layers of the image and of the container';

/** What may differ of one and the same container after it was stopped and started; `*` stands for one name. */
export const OF_ONE: readonly May[] = [
  { path: 'ExecIDs', reason: now },
  { path: 'RestartCount', reason: now },
  { path: 'State.ExitCode', reason: now },
  { path: 'State.FinishedAt', reason: now },
  { path: 'State.Health', reason: now },
  { path: 'State.Pid', reason: now },
  { path: 'State.StartedAt', reason: now },
  { path: 'MountLabel', reason: `${start}, where SELinux is on` },
  { path: 'ProcessLabel', reason: `${start}, where SELinux is on` },
  { path: 'NetworkSettings.EndpointID', reason: bridge },
  { path: 'NetworkSettings.IPAddress', reason: bridge },
  { path: 'NetworkSettings.MacAddress', reason: bridge },
  { path: 'NetworkSettings.SandboxID', reason: start },
  { path: 'NetworkSettings.SandboxKey', reason: start },
  { path: 'NetworkSettings.Networks.*.EndpointID', reason: start },
  {
    path: 'NetworkSettings.Networks.*.MacAddress',
    reason: `${start}, where none is asked for, as in no shape`,
  },
];

/** What may differ beyond that where an upgrade made another container. */
export const OF_ANOTHER: readonly May[] = [
  { path: 'Created', reason: 'when it was made' },
  { path: 'Image', reason: 'the upgrade itself' },
  { path: 'Config.Image', reason: 'the upgrade itself; the tag is asked apart' },
  { path: 'ImageManifestDescriptor', reason: 'the upgrade itself, as newer engines tell it' },
  { path: 'GraphDriver', reason: layers },
  { path: 'Storage', reason: `${layers}, as newer engines tell it` },
];

const ANONYMOUS = /^[0-9a-f]{64}$/;

const fields = (value: Json | undefined): Fields =>
  value !== undefined && value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Fields)
    : {};

const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** The engine writes the id into paths, aliases and the hostname, whole and as its first twelve digits. */
const withoutId = (answer: Json): Fields => {
  const id = text(fields(answer).Id);
  return JSON.parse(JSON.stringify(answer).replaceAll(id, '(id)').replaceAll(id.slice(0, 12), '(id)'));
};

const folder = (path: Json | undefined): string => text(path).replace(/(?<=.)\/+$/, '');

/** Docker 28 leaves out the name of a bare bind's volume, but not its folder on the host. */
const volumeOf = (mount: Fields): string =>
  text(mount.Name) || (/\/volumes\/([^/]+)\/_data$/.exec(text(mount.Source))?.[1] ?? '');

const anonymousIn = (answer: Fields): ReadonlySet<string> =>
  new Set(
    list(answer.Mounts)
      .map(fields)
      .filter((mount) => mount.Type === 'volume' && ANONYMOUS.test(volumeOf(mount)))
      .map((mount) => folder(mount.Destination)),
  );

const byName = (env: Json | undefined): Fields =>
  Object.fromEntries(list(env).map((one) => [text(one).replace(/=.*/s, ''), one]));

/** The engine lists mounts in random order. An anonymous one is carried by its name, and has a mode then. */
const byDestination = (mounts: Json | undefined, anonymous: ReadonlySet<string>): Fields =>
  Object.fromEntries(
    list(mounts)
      .map(fields)
      .map((mount): [string, Json] => {
        const at = folder(mount.Destination);
        return [at, anonymous.has(at) ? { ...mount, Name: volumeOf(mount), Mode: '(anonymous)' } : mount];
      }),
  );

/** What asks for an anonymous volume moves to Mounts with the volume's name; the volumes themselves are compared. */
const withoutAnonymous = (host: Fields, anonymous: ReadonlySet<string>): Fields => ({
  ...host,
  Binds: list(host.Binds).filter((bind) => text(bind).includes(':')),
  Mounts: list(host.Mounts).filter((mount) => !anonymous.has(folder(fields(mount).Target))),
});

/** An address is the engine's to give where none is asked for; a network of which nothing is asked is a network. */
const endpoint = (value: Json): Json => {
  const { IPAddress = '', ...rest } = fields(value);
  const joined = { ...rest, '(joined)': true };
  return fields(rest.IPAMConfig).IPv4Address ? { ...joined, IPAddress } : joined;
};

const comparable = (answer: Json, anonymous: ReadonlySet<string>): Fields => {
  const whole = withoutId(answer);
  const network = fields(whole.NetworkSettings);
  const networks = Object.entries(fields(network.Networks));
  return {
    ...whole,
    Config: { ...fields(whole.Config), Env: byName(fields(whole.Config).Env) },
    HostConfig: withoutAnonymous(fields(whole.HostConfig), anonymous),
    Mounts: byDestination(whole.Mounts, anonymous),
    NetworkSettings: {
      ...network,
      Networks: Object.fromEntries(networks.map(([name, one]) => [name, endpoint(one)])),
    },
  };
};

const without = (all: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name)));

/** What the old image gave goes with it, and what the new one gives comes. */
const onNewImage = (container: Fields): Fields => {
  const config = fields(container.Config);
  const { old, new: newer } = DEFAULTS;
  return {
    ...container,
    Config: {
      ...config,
      Env: { ...without(fields(config.Env), Object.keys(byName(old.env))), ...byName(newer.env) },
      Labels: { ...without(fields(config.Labels), Object.keys(old.labels)), ...newer.labels },
    },
  };
};

const isEmpty = (value: Json | undefined): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);

const mayDiffer = (path: readonly string[], list: readonly May[]): boolean =>
  list.some((one) => {
    const names = one.path.split('.');
    return names.length === path.length && names.every((name, at) => name === '*' || name === path[at]);
  });

type Walk = {
  readonly path: readonly string[];
  readonly before: Json | undefined;
  readonly after: Json | undefined;
};

/** Null, an empty list, an empty object and no field at all ask for the same. */
const unequal = ({ path, before, after }: Walk, may: readonly May[]): string[] => {
  if (mayDiffer(path, may) || (isEmpty(before) && isEmpty(after))) return [];
  const [was, is] = [fields(before), fields(after)];
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  const branch = [before, after].every((one) => isEmpty(one) || Object.keys(fields(one)).length > 0);
  if (branch)
    return names.flatMap((name) =>
      unequal({ path: [...path, name], before: was[name], after: is[name] }, may),
    );
  const [old, newer] = [JSON.stringify(before), JSON.stringify(after)];
  return old === newer ? [] : [`${path.join('.')}: ${old} became ${newer}`];
};

/** In what a container is not what it was; one with another id was made by an upgrade and must be as asked, on the new image. */
export const rawDiff = (before: Json, after: Json): string[] => {
  const anonymous = anonymousIn(fields(before));
  const [was, is] = [comparable(before, anonymous), comparable(after, anonymous)];
  const same = fields(before).Id === fields(after).Id;
  return same
    ? unequal({ path: [], before: was, after: is }, OF_ONE)
    : unequal({ path: [], before: onNewImage(was), after: is }, [...OF_ONE, ...OF_ANOTHER]);
};
