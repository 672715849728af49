import type { ContainerInspect } from '../engine/inspect.js';
import { treeFromTar } from '../kolla/tar.js';
import { type ConfigTree, hashOf } from '../kolla/tree.js';
import type { ConfigChange, SwapStep } from '../plan/plan.js';
import { act, look } from './act.js';
import { type StepContext, StepFailed } from './context.js';
import { configName } from './names.js';

/** A swap that exchanges its container's configuration, too. */
export type ConfigSwap = SwapStep & { readonly config: ConfigChange };

/** Where the helper container sees the host's folder, and where in its own layer it keeps what was and what shall be. */
export const SEEN = { host: '/host-config', kept: '/kept', wanted: '/wanted' } as const;

const bindOf = ({ config }: ConfigSwap): string => `${config.folder}:${SEEN.host}`;

const isOurs = (step: ConfigSwap, found: ContainerInspect | undefined): found is ContainerInspect =>
  found?.HostConfig.Binds?.includes(bindOf(step)) === true;

/** Never started, and from the old one's image: nothing has to be pulled for it. */
const specOf = async (step: ConfigSwap, context: StepContext) => {
  const image = await look(context, () => context.engine(step.old.host).image(step.old.imageId));
  if (!image)
    throw new StepFailed(`The image of the running ${step.old.name} is gone from ${step.old.host}.`);
  const volumes = Object.keys(image.Config?.Volumes ?? {});
  return {
    body: {
      Image: step.old.imageId,
      Entrypoint: ['true'],
      Cmd: [],
      Healthcheck: { Test: ['NONE'] },
      HostConfig: {
        NetworkMode: 'none',
        Binds: [bindOf(step)],
        // Else each path that the image declares would leave an anonymous volume behind.
        Mounts: volumes.map((Target) => ({ Type: 'tmpfs', Target })),
        RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
      },
    },
    connect: [],
  };
};

/** The helper container of a swap: by its journaled id, or, where the crash came before that, by its unique name. */
export const findKeeper = async (
  step: ConfigSwap,
  context: StepContext,
  index = context.index,
): Promise<string | undefined> => {
  const known = context.memory('steps', index).configKeeperId ?? configName(context.run, step.old.name);
  const found = await look(context, () => context.engine(step.old.host).inspect(known));
  return isOurs(step, found) ? found.Id : undefined;
};

/** Makes the helper container once and journals its id. */
export const makeKeeper = async (step: ConfigSwap, context: StepContext): Promise<string> => {
  const { host, name } = step.old;
  const engine = context.engine(host);
  const target = configName(context.run, name);
  const spec = await specOf(step, context);
  await act(context, {
    host,
    op: 'create',
    target,
    satisfied: async () => isOurs(step, await engine.inspect(target)),
    call: async () => {
      await engine.create(target, spec);
    },
  });
  const found = await look(context, () => engine.inspect(target));
  if (!found) throw new StepFailed(`${target} was created on ${host} and is not there.`);
  const { part, index } = context;
  if (context.memory().configKeeperId !== found.Id)
    await context.emit({ kind: 'config-kept', part, index, host, id: found.Id });
  return found.Id;
};

type Spot = { readonly host: string; readonly id: string; readonly path: string };

/** A folder as it is in a container; `undefined` where it is not there. */
export const readTree = async (
  context: StepContext,
  { host, id, path }: Spot,
): Promise<ConfigTree | undefined> => {
  const tar = await context.engine(host).readArchive(id, path);
  return tar && treeFromTar(tar);
};

/** The same, with patience; throws where it is not there. */
export const requireTree = async (context: StepContext, spot: Spot, what: string): Promise<ConfigTree> => {
  const tree = await look(context, () => readTree(context, spot));
  if (!tree) throw new StepFailed(`${what} is not there on ${spot.host}.`);
  return tree;
};

export type Writing = Spot & {
  /** In words, for the journal. */
  readonly what: string;
  readonly isThere: (tree: ConfigTree) => boolean;
  readonly tar: Buffer;
  /** Folder into which it is extracted. */
  readonly into: string;
};

/** Writes files and reads them back: an engine's word alone is not enough for what a service is started with. */
export const writeTree = async (context: StepContext, writing: Writing): Promise<void> => {
  const { host, id, what, into, tar, isThere } = writing;
  const satisfied = async () => {
    const tree = await readTree(context, writing);
    return tree !== undefined && isThere(tree);
  };
  await act(context, {
    host,
    op: 'write',
    target: what,
    satisfied,
    call: () => context.engine(host).writeArchive(id, into, tar),
  });
  if (!(await look(context, satisfied)))
    throw new StepFailed(`${what} was written on ${host}, and what is read back is something else.`);
};

export const isTree =
  (hash: string) =>
  (tree: ConfigTree): boolean =>
    hashOf(tree) === hash;
