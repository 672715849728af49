import { tarOf } from '../kolla/tar.js';
import type { MigrateStep } from '../plan/plan.js';
import { look } from './act.js';
import { isTree, readTree, writeTree } from './config-keeper.js';
import { type StepContext, StepFailed } from './context.js';
import { approvedTree } from './host-config.js';

/**
 * Gives a one-off container the target configuration in its own layer, before it is started: the host's folder still
 * belongs to the old release, whose containers serve.
 */
export const giveOwnConfig = async (
  { config, host, like }: MigrateStep,
  context: StepContext,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<void> => {
  if (!config) return;
  const { destination: path } = config;
  const present = await look(context, () => readTree(context, { host, id: like.id, path }));
  if (!present) throw new StepFailed(`${config.folder} of ${like.name} on ${host} is not there any more.`);
  const wanted = await approvedTree(context, { config, present, where: `${like.name} on ${host}` });
  await writeTree(context, {
    host,
    id,
    path,
    what: `${name}: target configuration`,
    isThere: isTree(config.hash),
    into: '/',
    tar: await tarOf(wanted, { below: `${path.replace(/^\/+/, '')}/` }),
  });
};
