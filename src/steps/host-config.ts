import { nameOf } from '../engine/inspect.js';
import { messageOf } from '../errors.js';
import { tarOf } from '../kolla/tar.js';
import { type ConfigTree, hashOf, holds, toInstall } from '../kolla/tree.js';
import type { ConfigChange, SwapStep } from '../plan/plan.js';
import { look } from './act.js';
import {
  type ConfigSwap,
  findKeeper,
  isTree,
  makeKeeper,
  readTree,
  requireTree,
  SEEN,
  writeTree,
} from './config-keeper.js';
import { containerOf } from './container.js';
import { type StepContext, StepFailed, saysNothing } from './context.js';
import { configName } from './names.js';

const exchanges = (step: SwapStep): step is ConfigSwap => step.config !== undefined;

/** Nothing is installed before the old one has given its name away, and all is put back before it has it again. */
const hasBegun = async ({ old }: ConfigSwap, context: StepContext): Promise<boolean> => {
  const found = await look(context, () => context.engine(old.host).inspect(old.id));
  return found !== undefined && nameOf(found) !== old.name;
};

/** The approved files with the owners and modes that they get; nothing else is ever installed. */
export const approvedTree = async (
  context: StepContext,
  { config, present, where }: { config: ConfigChange; present: ConfigTree; where: string },
): Promise<ConfigTree> => {
  if (hashOf(present) !== config.presentHash)
    throw new StepFailed(
      `The configuration in ${config.folder} of ${where} was changed since the plan was approved: plan again.`,
    );
  const wanted = toInstall(await context.rendered(config.rendered), present);
  if (hashOf(wanted) !== config.hash)
    throw new StepFailed(
      `The rendered configuration in ${config.rendered} was changed since the plan was approved: plan again.`,
    );
  return wanted;
};

const keep = async (step: ConfigSwap, context: StepContext): Promise<void> => {
  const { config, old } = step;
  const { host, name } = old;
  const id = await makeKeeper(step, context);
  const present = await requireTree(context, { host, id, path: SEEN.host }, config.folder);
  const wanted = await approvedTree(context, { config, present, where: `${name} on ${host}` });
  const own = (path: string, what: string, hash: string) => ({
    host,
    id,
    path,
    what: `${configName(context.run, name)}: ${what} configuration`,
    isThere: isTree(hash),
    into: '/',
  });
  await writeTree(context, {
    ...own(SEEN.kept, 'present', config.presentHash),
    tar: await tarOf(present, { below: `${SEEN.kept.slice(1)}/` }),
  });
  await writeTree(context, {
    ...own(SEEN.wanted, 'target', config.hash),
    tar: await tarOf(wanted, { below: `${SEEN.wanted.slice(1)}/` }),
  });
};

/**
 * Before anything is stopped: the rendered files are the approved ones, the host's are those that were seen, and both lie
 * in a helper container on the host. From here on neither the rendered folder nor this machine's disk is needed.
 */
export const keepConfig = async (step: SwapStep, context: StepContext): Promise<void> => {
  if (!exchanges(step) || (await hasBegun(step, context))) return;
  await keep(step, context);
};

/** Both trees of a helper container, as they were verified before anything was stopped. */
const keptTree = async (
  step: ConfigSwap,
  context: StepContext,
  which: 'kept' | 'wanted',
): Promise<{ id: string; tree: ConfigTree }> => {
  const { host, name } = step.old;
  const helper = configName(context.run, name);
  const id = await findKeeper(step, context);
  if (!id)
    throw new StepFailed(
      `${helper} is gone from ${host}, and with it the configuration of ${name} that this run kept in it.`,
    );
  const tree = await look(context, () => readTree(context, { host, id, path: SEEN[which] }));
  const hash = which === 'kept' ? step.config.presentHash : step.config.hash;
  if (!tree || hashOf(tree) !== hash)
    throw new StepFailed(`What ${helper} on ${host} keeps of ${name}’s configuration is not whole any more.`);
  return { id, tree };
};

const write = async (step: ConfigSwap, context: StepContext, which: 'kept' | 'wanted'): Promise<void> => {
  const { host, name } = step.old;
  const { folder } = step.config;
  const { id, tree } = await keptTree(step, context, which);
  const there = await requireTree(context, { host, id, path: SEEN.host }, folder);
  await writeTree(context, {
    host,
    id,
    path: SEEN.host,
    what: `${folder}: ${which === 'kept' ? 'the kept' : 'the target'} configuration of ${name}`,
    isThere: (now) => holds(now, tree),
    into: SEEN.host,
    tar: await tarOf(tree, { beside: there }),
  });
};

/** Installs the target release's configuration while nothing that could be started bears the service's name. */
export const installConfig = async (step: SwapStep, context: StepContext): Promise<void> => {
  if (exchanges(step)) await write(step, context, 'wanted');
};

/** Puts the kept configuration back, where this run may have touched it. Files that the target added stay, unused. */
export const restoreConfig = async (step: SwapStep, context: StepContext): Promise<void> => {
  if (exchanges(step) && (await hasBegun(step, context))) await write(step, context, 'kept');
};

/** Removes the helper container that kept the old configuration; that it cannot be removed fails nothing. */
export const forgetConfig = async (step: SwapStep, context: StepContext, index: number): Promise<void> => {
  if (!exchanges(step)) return;
  const { host, name } = step.old;
  const label = configName(context.run, name);
  try {
    const id = await findKeeper(step, context, index);
    if (id) await containerOf(context, { host, id, label }).tidyAway();
  } catch (error) {
    if (saysNothing(error)) throw error;
    await context.note(context.tail(`${label} on ${host} could not be looked for (${messageOf(error)}).`));
  }
};
