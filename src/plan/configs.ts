import { type Release, releaseNamed } from '../catalogue/releases.js';
import type { Config, HostConfig } from '../config.js';
import type { Engine } from '../engine/port.js';
import { messageOf } from '../errors.js';
import type { Folders } from '../kolla/folder.js';
import { boundedDiffs } from './config-diffs.js';
import { type LookedAt, lookAtConfig, type Place, placeOf, type ReadRendered } from './config-look.js';
import { crosses } from './crossing.js';
import { keyOf, type SeenTargets } from './images.js';
import type { PlanInput } from './input.js';
import type { Found, Observation, SeenHost } from './observe.js';
import type { ConfigChange, ConfigDiff, Finding } from './plan.js';
import { AND_RESTART, block } from './standing.js';
import type { Choice } from './target.js';

/** The target release's configuration of each container, by `keyOf`, and why it cannot be used where it cannot. */
export type SeenConfigs = {
  readonly changes: ReadonlyMap<string, ConfigChange>;
  readonly diffs: readonly ConfigDiff[];
  readonly problems: readonly Finding[];
};

export const NO_CONFIGS: SeenConfigs = { changes: new Map(), diffs: [], problems: [] };

export type ConfigLook = {
  readonly choice: Choice;
  readonly targets: SeenTargets;
  readonly config: Config;
  readonly engineOf: (host: string) => Engine;
  readonly rendered: ReadRendered;
  readonly saidRelease: Folders['said'];
};

const fits = (host: HostConfig, { release }: Choice): boolean =>
  release !== undefined && host.config_fits.some((word) => releaseNamed(word)?.id === release.id);

/** Hosts whose configuration has to be exchanged, each with its containers that are swapped. */
export const unprepared = (
  observation: Observation,
  { choice, targets }: Pick<ConfigLook, 'choice' | 'targets'>,
): readonly SeenHost[] =>
  crosses(choice)
    ? observation.hosts
        .filter(({ host }) => !fits(host, choice))
        .map((seen) => ({
          ...seen,
          found: seen.found.filter((one) => targets.get(keyOf(one))?.current === false),
        }))
        .filter(({ found }) => found.length > 0)
    : [];

type Rendered = NonNullable<Config['target_config']>;

/** The host's folder: `{release}` and `{host}` of the setting filled in. */
const hostFolderOf = ({ folder }: Rendered, host: string, release: Release): string =>
  folder.replaceAll('{release}', release.id).replaceAll('{host}', host);

type Rendering = { readonly host: string; readonly release: Release; readonly folder: string };

/** A folder without a word of its own is believed by its path or by who rendered it. */
const silentProblem = (settings: Rendered, { release, folder }: Rendering): Finding | undefined =>
  settings.folder.includes('{release}') || settings.command !== undefined
    ? undefined
    : block(
        'config-pair',
        `${folder} does not say which release it was rendered for.`,
        `Write ${release.id} into a file named release there; or use {release} in target_config.folder ${AND_RESTART}.`,
      );

const saidProblem = (said: string, { host, release, folder }: Rendering): Finding | undefined =>
  releaseNamed(said)?.id === release.id
    ? undefined
    : block(
        'config-pair',
        `${folder} was rendered for ${/^[\w.-]{1,40}$/.test(said) ? said : 'another release'}, not for ${release.id}, which ${host} is to get.`,
        `Render the configuration of ${release.id} there, then plan again.`,
      );

/** Whether what lies in a host's folder is of the target release. */
const releaseProblem = async (
  settings: Rendered,
  rendering: Rendering,
  saidRelease: Folders['said'],
): Promise<Finding | undefined> => {
  try {
    const said = await saidRelease(rendering.folder);
    return said === undefined ? silentProblem(settings, rendering) : saidProblem(said, rendering);
  } catch (error) {
    return block(
      'config-pair',
      `The release of ${rendering.folder} is not known: ${messageOf(error)}.`,
      'Mend that, then plan again.',
    );
  }
};

/** One folder of two containers would be installed and put back twice: which of them it belongs to is not known. */
const sharedFolders = (places: readonly Place[]): readonly Finding[] =>
  places
    .filter(({ folder }, index) => places.findIndex((other) => other.folder === folder) !== index)
    .map(({ found, folder }) =>
      block(
        'config-pair',
        `${folder} on ${found.seen.host} is the configuration of several containers of the service.`,
        `Give each a folder of its own, as kolla-ansible does; or prepare it by hand, say \`config_fits\` for the host ${AND_RESTART}.`,
      ),
    );

const isPlace = (one: Place | LookedAt): one is Place => 'folder' in one;

type HostLook = { readonly looked: readonly LookedAt[]; readonly problems: readonly Finding[] };

const lookAtHost = async (
  { host, found }: SeenHost,
  { config, choice, engineOf, rendered, saidRelease }: ConfigLook,
): Promise<HostLook> => {
  const { target_config: settings } = config;
  const { release } = choice;
  if (!settings || !release) return { looked: [], problems: [] };
  const engine = engineOf(host.name);
  const folder = hostFolderOf(settings, host.name, release);
  const problem = await releaseProblem(settings, { host: host.name, release, folder }, saidRelease);
  if (problem) return { looked: [], problems: [problem] };
  const placed = await Promise.all(found.map((one: Found) => placeOf(one, engine)));
  const places = placed.filter(isPlace);
  const looked = await Promise.all(
    places.map((place) => lookAtConfig(place, { engine, rendered, hostFolder: folder })),
  );
  return {
    looked: [...placed.filter((one): one is LookedAt => !isPlace(one)), ...looked],
    problems: sharedFolders(places),
  };
};

/** Compares what is rendered with what the hosts have, for every container that is swapped across a release. */
export const observeConfigs = async (observation: Observation, look: ConfigLook): Promise<SeenConfigs> => {
  const { choice, config } = look;
  const hosts = unprepared(observation, look);
  if (hosts.length === 0 || !config.target_config) return NO_CONFIGS;
  if (!choice.release)
    return {
      ...NO_CONFIGS,
      problems: [
        block(
          'config-pair',
          `The release of tag ${choice.tag} is not known, so its configuration cannot be chosen.`,
          `Name the tag’s release in the hosts file (releases: {"<release>": {tag: …}}) ${AND_RESTART}.`,
        ),
      ],
    };
  const seen = await Promise.all(hosts.map((host) => lookAtHost(host, look)));
  const looked = seen.flatMap((one) => one.looked);
  return {
    changes: new Map(
      looked.flatMap(({ found, change }) => (change ? [[keyOf(found), change] as const] : [])),
    ),
    diffs: boundedDiffs(looked),
    problems: [...seen.flatMap(({ problems }) => problems), ...looked.flatMap(({ problems }) => problems)],
  };
};

/** Image and configuration of a Kolla release are one pair: `/etc/kolla/<service>/config.json` holds the start command. */
export const configFindings = ({ observation, choice, config, configs }: PlanInput): readonly Finding[] => {
  if (!crosses(choice) || config.target_config) return configs.problems;
  const names = observation.hosts
    .filter(({ host, found }) => found.length > 0 && !fits(host, choice))
    .map(({ host }) => host.name);
  if (names.length === 0) return configs.problems;
  return [
    ...configs.problems,
    block(
      'config-pair',
      `The plan crosses a release, and ${names.join(', ')} may still hold the old release's configuration.`,
      `Set target_config, and Stackswap installs what the target kolla-ansible (genconfig) rendered; or install it right before the window and say \`config_fits\` for the host. Then change the hosts file ${AND_RESTART}.`,
    ),
  ];
};
