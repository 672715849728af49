import { differences } from '../engine/compare.js';
import { goesBy, identityOfContainer, identityOfImage, isSameBuild } from '../engine/image-identity.js';
import type { ContainerInspect } from '../engine/inspect.js';
import type { SwapStep } from '../plan/plan.js';
import { look } from './act.js';
import { type KeptSpec, type StepContext, StepFailed } from './context.js';

/** The old one as it serves; where it does not run any more, by itself or since a crash came later, as it was kept. */
const oldToCompare = async (step: SwapStep, context: StepContext): Promise<KeptSpec> => {
  const { id, name, host } = step.old;
  const engine = context.engine(host);
  const old = await look(context, () => engine.inspect(id));
  const { spec } = context.memory();
  const kept = old?.State.Running || spec === undefined ? undefined : await context.specs.read(spec);
  if (kept) return kept;
  if (!old) throw new StepFailed(`${name} is gone from ${host}: plan again.`);
  const oldImage = await look(context, () => engine.image(old.Image));
  if (!oldImage) throw new StepFailed(`The image of ${name} is gone from ${host}.`);
  return { old, oldImage };
};

/** What nobody has to look after. */
const untouched = (context: StepContext): string =>
  context.memory().lastCall?.startsWith('create ') ? ' Nothing was stopped.' : '';

/** The written comparison before the new one is started: a configuration that got lost is then a harmless failure. */
export const requireEqual = async (
  step: SwapStep,
  context: StepContext,
  created: ContainerInspect,
): Promise<void> => {
  const { name, host } = step.old;
  const { old, oldImage: beforeImage } = await oldToCompare(step, context);
  const afterImage = await look(context, () => context.engine(host).image(created.Image));
  if (!afterImage) throw new StepFailed(`The image of the new ${name} is gone from ${host}.`);
  const before = { ...old, Name: created.Name };
  const { RestartPolicy } = old.HostConfig;
  const after = { ...created, HostConfig: { ...created.HostConfig, RestartPolicy } };
  const found = differences({ before, after, beforeImage, afterImage });
  if (found.length > 0)
    throw new StepFailed(
      `The new ${name} on ${host} would not have the old one's configuration: ${found.join('; ')}.${untouched(context)}`,
    );
};

/** The image that the engine says this very container was created from, whatever its tag names by now. */
export const requireApprovedImage = async (
  { old: { host, name }, target }: SwapStep,
  context: StepContext,
  created: ContainerInspect,
): Promise<void> => {
  const engine = context.engine(host);
  const approved = target.digest ?? target.imageId;
  const images = await look(context, () =>
    Promise.all([created.Image, target.ref].map((ref) => engine.image(ref))),
  );
  const known = images.flatMap((image) => (image ? [identityOfImage(image)] : []));
  const its = [identityOfContainer(created), ...known].filter((one) =>
    isSameBuild(one, identityOfContainer(created)),
  );
  if (approved === undefined || !its.some((one) => goesBy(one, approved)))
    throw new StepFailed(`The new ${name} on ${host} got another image than the approved one.`);
};
