import { messageOf } from '../../errors.js';
import { CONFIG_FILES, missingSources, sourcesOf } from '../../kolla/config-json.js';
import { treeFromTar } from '../../kolla/tar.js';
import { UnfitTree } from '../../kolla/tree.js';
import { type Check, type HostCheck, type HostUnderCheck, know, mend, names, verb, well } from './check.js';
import { type Catalogued, kollaShaped } from './kolla-containers.js';

/** Folders read at once from one engine. */
const AT_ONCE = 3;

const isBound = ({ container }: Catalogued): boolean =>
  (container.Mounts ?? []).some(({ Destination }) => Destination.replace(/(?<!\/)\/+$/, '') === CONFIG_FILES);

const unbound = (found: readonly string[]): Check =>
  mend('config-bind', {
    what: `${names(found)} ${verb(found, 'has', 'have')} no bind at ${CONFIG_FILES}.`,
    why: 'Its configuration is in the container itself: that of a target release can be neither compared nor installed.',
    wayOut: 'Let kolla-ansible deploy it again, or upgrade it by hand.',
  });

const absent = ({ name }: Catalogued): Check =>
  mend('config-files', {
    what: `${name} has no ${CONFIG_FILES}: the folder on the host is gone.`,
    why: 'With COPY_ALWAYS it is read at every start: the container would not start again.',
    wayOut: 'Put the folder below /etc/kolla back: `kolla-ansible genconfig` with the running release’s tag.',
  });

const incomplete = ({ name }: Catalogued, missing: readonly string[]): Check =>
  mend('config-files', {
    what: `The configuration of ${name} lacks ${names(missing)}, which ${verb(missing, 'is', 'are')} wanted by its config.json.`,
    why: 'With COPY_ALWAYS it is read at every start: the container would not start again.',
    wayOut: `Put ${verb(missing, 'it', 'them')} back: \`kolla-ansible genconfig\` with the running release’s tag.`,
  });

const unusable = ({ name }: Catalogued, error: UnfitTree): Check =>
  mend('config-files', {
    what: `The configuration of ${name} cannot be used: ${error.message}.`,
    why: 'It cannot be compared with a target release’s, nor kept for going back; and the container may not start again.',
    wayOut: 'Write it anew: `kolla-ansible genconfig` with the running release’s tag.',
  });

const readOne = async ({ engine }: HostUnderCheck, one: Catalogued): Promise<Check | undefined> => {
  const tar = await engine.readArchive(one.container.Id, CONFIG_FILES);
  if (!tar) return absent(one);
  try {
    const tree = await treeFromTar(tar);
    const missing = missingSources(
      sourcesOf(tree),
      tree.files.map(({ path }) => path),
    );
    return missing.length > 0 ? incomplete(one, missing) : undefined;
  } catch (error) {
    if (error instanceof UnfitTree) return unusable(one, error);
    throw error;
  }
};

const unread = ({ name }: Catalogued, error: unknown): Check =>
  know('config-files', {
    what: `The configuration of ${name} could not be read: ${messageOf(error)}.`,
    why: 'Whether it fits is not known, and a plan that crosses a release needs it.',
    wayOut: 'Ask again; if it stays so, see `journalctl -u docker` on the host.',
  });

/** Binds, and whether what config.json asks for is there; nothing of the files' contents is told. */
export const kollaConfig: HostCheck = async (seen) => {
  const all = kollaShaped(seen);
  if (all.length === 0) return [];
  const loose = all.filter((one) => !isBound(one)).map(({ name }) => name);
  const bound = all.filter(isBound);
  const read: (Check | undefined)[] = [];
  for (let from = 0; from < bound.length; from += AT_ONCE)
    read.push(
      ...(await Promise.all(
        bound
          .slice(from, from + AT_ONCE)
          .map((one) => readOne(seen, one).catch((error) => unread(one, error))),
      )),
    );
  const found = [...(loose.length > 0 ? [unbound(loose)] : []), ...read.filter((one) => one !== undefined)];
  return found.length > 0
    ? found
    : [
        well(
          'config-files',
          `The configuration of ${all.length} Kolla ${verb(all, 'container', 'containers')} is complete.`,
        ),
      ];
};
