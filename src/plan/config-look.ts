import { basename, join } from 'node:path';
import type { Engine } from '../engine/port.js';
import { messageOf } from '../errors.js';
import { CONFIG_FILES, isTaken, missingSources, type Source, sourcesOf } from '../kolla/config-json.js';
import { differencesOf, type FileDifference } from '../kolla/differences.js';
import { treeFromTar } from '../kolla/tar.js';
import { type ConfigTree, hashOf, holds, toInstall, UnfitTree } from '../kolla/tree.js';
import type { Found } from './observe.js';
import type { ConfigChange, Finding } from './plan.js';
import { AND_RESTART, at, block, warn } from './standing.js';

export type ReadRendered = (folder: string) => Promise<ConfigTree>;

/** Where the configuration of one container lies on its host. */
export type Place = { readonly found: Found; readonly folder: string; readonly destination: string };

/** What was found out about the target configuration of one container. */
export type LookedAt = {
  readonly found: Found;
  readonly change?: ConfigChange;
  readonly differences: readonly FileDifference[];
  readonly problems: readonly Finding[];
};

const BY_HAND = `Prepare it by hand, then say \`config_fits\` for the host in the hosts file ${AND_RESTART}.`;
const AGAIN =
  'Render it with the target kolla-ansible (genconfig -e node_config_directory=…) into that folder, then plan again.';

const broken = (found: Found, text: string, wayOut: string): LookedAt => ({
  found,
  differences: [],
  problems: [block('config-pair', text, wayOut)],
});

const trimmed = (path: string): string => path.replace(/(?<=[^/]|^\/)\/+$/, '');

/** The folder that kolla-ansible binds to /var/lib/kolla/config_files/; a problem where there is none. */
export const placeOf = async (found: Found, engine: Engine): Promise<Place | LookedAt> => {
  const container = await engine.inspect(found.seen.id);
  const bind = container?.Mounts?.find(
    ({ Type, Destination }) => Type === 'bind' && trimmed(Destination) === CONFIG_FILES,
  );
  return bind?.Source
    ? { found, folder: trimmed(bind.Source), destination: trimmed(bind.Destination) }
    : broken(
        found,
        `${at(found)} has no folder bound to ${CONFIG_FILES}: its configuration is not laid out as kolla-ansible does it.`,
        BY_HAND,
      );
};

/** Read through the running container itself: no other container is needed on the host for a plan. */
const readPresent = async ({ found, destination }: Place, engine: Engine): Promise<ConfigTree> => {
  const tar = await engine.readArchive(found.seen.id, destination);
  if (!tar) throw new UnfitTree('the folder is not there');
  return treeFromTar(tar);
};

type Trees = {
  readonly present: ConfigTree;
  readonly rendered: ConfigTree;
  readonly sources: readonly Source[];
};

const pathsOf = (tree: ConfigTree): string[] => tree.files.map(({ path }) => path);

/** Files that nothing can delete through an engine's archives, where one release's config.json takes the other's. */
const leftovers = (found: Found, { present, rendered, sources }: Trees): readonly Finding[] => {
  const missing = missingSources(sources, pathsOf(rendered));
  if (missing.length > 0)
    return [
      block(
        'config-pair',
        `The target's config.json of ${at(found)} needs ${missing.join(', ')}, and the rendered folder has no such file.`,
        AGAIN,
      ),
    ];
  const only = (some: ConfigTree, other: ConfigTree) =>
    pathsOf(some).filter((path) => !pathsOf(other).includes(path));
  const staying = only(present, rendered).filter((path) => isTaken(sources, path));
  const presentSources = sourcesOf(present);
  const added = only(rendered, present).filter((path) => isTaken(presentSources, path));
  return [
    ...(staying.length > 0
      ? [
          warn(
            'config-stays',
            `${staying.join(', ')} of ${at(found)} is not among the rendered files and stays, and the target's config.json uses it.`,
            'If the target release should go without, remove it on the host after the upgrade and restart the container.',
          ),
        ]
      : []),
    ...(added.length > 0
      ? [
          warn(
            'config-stays',
            `${added.join(', ')} of ${at(found)} is new; after going back it stays on the host, and the present config.json would use it.`,
            'If it comes to that, remove it on the host and restart the container.',
          ),
        ]
      : []),
  ];
};

const judged = (place: Place, rendered: string, trees: Trees): LookedAt => {
  const { found, folder, destination } = place;
  const { present, sources } = trees;
  const wanted = toInstall(trees.rendered, present);
  const problems = leftovers(found, trees);
  if (holds(present, wanted))
    return {
      found,
      differences: [],
      problems: [
        ...problems,
        warn(
          'config-there',
          `${folder} on ${found.seen.host} is already as rendered for the target: nothing is installed, and going back would start the old version with it.`,
          'Put the running release’s configuration back first (genconfig with its tag), then plan again.',
        ),
      ],
    };
  return {
    found,
    change: { rendered, folder, destination, hash: hashOf(wanted), presentHash: hashOf(present) },
    differences: differencesOf({ present, rendered: wanted }, (path) => isTaken(sources, path)),
    problems,
  };
};

/** Compares the rendered folder of one container with what its host has. Never throws for what is wrong with either. */
export const lookAtConfig = async (
  place: Place,
  look: { readonly engine: Engine; readonly rendered: ReadRendered; readonly hostFolder: string },
): Promise<LookedAt> => {
  const { found, folder } = place;
  const rendered = join(look.hostFolder, basename(folder));
  let present: ConfigTree;
  try {
    present = await readPresent(place, look.engine);
    sourcesOf(present);
  } catch (error) {
    return broken(
      found,
      `The present configuration of ${at(found)} (${folder}) cannot be taken: ${messageOf(error)}.`,
      BY_HAND,
    );
  }
  try {
    const tree = await look.rendered(rendered);
    return judged(place, rendered, { present, rendered: tree, sources: sourcesOf(tree) });
  } catch (error) {
    const why = messageOf(error);
    return broken(
      found,
      `The target configuration of ${at(found)} cannot be taken: ${why.includes(rendered) ? why : `${rendered}: ${why}`}.`,
      AGAIN,
    );
  }
};
