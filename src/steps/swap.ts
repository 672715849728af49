import { cloneSpec } from '../engine/clone.js';
import { configHash } from '../engine/config-hash.js';
import { messageOf } from '../errors.js';
import type { SwapStep } from '../plan/plan.js';
import { look } from './act.js';
import { containerOf, NO_RESTART } from './container.js';
import { type KeptSpec, type StepContext, StepFailed, saysNothing } from './context.js';
import { createWhole } from './create.js';
import { drainServers, readyServers } from './drain.js';
import { requireHealthy } from './health.js';
import { installConfig, keepConfig } from './host-config.js';
import { requireApprovedImage, requireEqual } from './judged-copy.js';
import type { StepKind } from './kind.js';
import { keptName, swapName } from './names.js';
import { requireReady } from './ready.js';
import { withSampling } from './sampling.js';
import { undoSwap } from './swap-back.js';
import { wantedImage } from './wanted-image.js';
import { alsoInstalled, change, drainedFirst, howSwapped } from './words.js';

/** Creates the new container beside the old one and journals its id before anything else happens to it. */
const createBeside = async (step: SwapStep, context: StepContext): Promise<void> => {
  if (context.memory().createdId) return;
  const { host, name } = step.old;
  const temporary = swapName(context.run, name);
  await wantedImage({ host, target: step.target }, context);
  const { spec, kept } = await specOf(step, context);
  await createWhole(context, { host, name: temporary, spec, keptAs: await keepSpec(context, name, kept) });
};

/** Before anything is stopped: where somebody removes the kept container, going back makes it anew from this. */
const keepSpec = async (context: StepContext, name: string, kept: KeptSpec): Promise<string> => {
  try {
    return await context.specs.keep(kept);
  } catch (error) {
    throw new StepFailed(
      `The configuration of ${name} could not be kept in the state folder (${context.tail(messageOf(error))}). Nothing was stopped.`,
    );
  }
};

/**
 * The approved image and the old one's configuration, judged on the created container before anything is stopped; again
 * after a crash, and also where the old one ended by itself meanwhile. Answers with the new container's id.
 */
const verifyBeside = async (step: SwapStep, context: StepContext): Promise<string> => {
  const { host, name } = step.old;
  const newId = context.memory().createdId;
  if (!newId) throw new Error(`the new ${name} on ${host} is not in the journal`);
  const created = await look(context, () => context.engine(host).inspect(newId));
  if (!created) throw new StepFailed(`The new ${name} is gone from ${host}: somebody removed it.`);
  await requireApprovedImage(step, context, created);
  await requireEqual(step, context, created);
  return newId;
};

const specOf = async (step: SwapStep, context: StepContext) => {
  const engine = context.engine(step.old.host);
  const old = await look(context, () => engine.inspect(step.old.id));
  if (!old) throw new StepFailed(`${step.old.name} is gone from ${step.old.host}: plan again.`);
  if (configHash(old) !== step.old.configHash)
    throw new StepFailed(
      `The configuration of ${step.old.name} on ${step.old.host} was changed since the plan was approved: plan again.`,
    );
  const oldImage = await look(context, () => engine.image(old.Image));
  if (!oldImage)
    throw new StepFailed(
      `The image of the running ${step.old.name} is gone from ${step.old.host}: its defaults cannot be told from the operator's own values.`,
    );
  const info = await look(context, () => engine.info());
  const spec = cloneSpec({
    old,
    oldImage,
    newRef: step.target.ref,
    apiVersion: info.apiVersion,
    engineHostname: info.hostname,
  });
  return { spec, kept: { old, oldImage } };
};

/** Somebody else's container under the service's name means that another tool is at work: nothing of theirs is touched. */
const requireNameOurs = async (
  step: SwapStep,
  context: StepContext,
  ours: readonly string[],
): Promise<void> => {
  const bearer = await look(context, () => context.engine(step.old.host).inspect(step.old.name));
  if (bearer && !ours.includes(bearer.Id))
    throw new StepFailed(
      `Another container took the name ${step.old.name} on ${step.old.host} (${bearer.Id.slice(0, 12)}): somebody else changes this service.`,
    );
};

/** From the stop of the old one to the healthy new one: the window in which this container does not serve. */
const exchange = async (step: SwapStep, context: StepContext, newId: string): Promise<void> => {
  const { host, name } = step.old;
  const { owner } = step;
  const before = containerOf(context, { host, id: step.old.id, label: name, name, owner });
  const rival = { id: step.old.id, graceSeconds: step.graceSeconds };
  const after = containerOf(context, { host, id: newId, label: `new ${name}`, name, owner, rival });
  await requireNameOurs(step, context, [step.old.id, newId]);
  await before.setPolicy(NO_RESTART);
  if (step.owner?.kind === 'rename-first') {
    // The unit cannot be stopped. It starts what bears the name 11 s after the old one has ended, and nothing before.
    await before.rename(keptName(context.run, name));
    await installConfig(step, context);
    await after.rename(name);
    await before.stop(step.graceSeconds);
  } else {
    await before.stop(step.graceSeconds);
    await before.rename(keptName(context.run, name));
    await installConfig(step, context);
    await after.rename(name);
  }
  if (!(await before.isDead()))
    throw new StepFailed(
      `The old ${name} on ${host} still runs: it did not end, or was started again. The new one was not started.`,
    );
  await after.start();
  try {
    await requireHealthy(context, { host, id: newId, name, probeUrl: step.probeUrl, expect: step.expect });
    await requireReady(step, context);
  } catch (error) {
    // Until people decide, its unit would start it anew every RestartSec, and run into the start limit.
    if (owner?.kind === 'unit' && !saysNothing(error)) await after.endLoop(step.graceSeconds);
    throw error;
  }
};

export const swap: StepKind<SwapStep> = {
  say: ({ old, target, graceSeconds, owner, drain, config }) =>
    `Swap ${old.name} on ${old.host}: ${change(old, target)}${alsoInstalled(config)}.${drainedFirst(drain)} ${howSwapped(graceSeconds, owner)}, judge health; the old one is kept, stopped.`,
  perform: async (step, context) => {
    await createBeside(step, context);
    const newId = await verifyBeside(step, context);
    await keepConfig(step, context);
    await drainServers(step, context);
    await withSampling({ ...step, host: step.old.host }, context, context.part, () =>
      exchange(step, context, newId),
    );
    const { old, owner } = step;
    const after = containerOf(context, {
      host: old.host,
      id: newId,
      label: `new ${old.name}`,
      name: old.name,
      owner,
    });
    await after.setPolicy(old.restartPolicy);
    // A host that rebooted while it had no policy left it stopped.
    await after.start();
    await readyServers(step, context);
  },
  undo: undoSwap,
};
