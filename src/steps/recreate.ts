import { volumeName } from '../engine/anonymous.js';
import { cloneSpec } from '../engine/clone.js';
import { differences } from '../engine/compare.js';
import { configHash } from '../engine/config-hash.js';
import { goesBy, identityOfContainer, identityOfImage } from '../engine/image-identity.js';
import type { ContainerInspect, ImageInspect } from '../engine/inspect.js';
import type { SwapStep } from '../plan/plan.js';
import { act, look } from './act.js';
import { containerOf } from './container.js';
import { type KeptSpec, type StepContext, StepFailed } from './context.js';
import { createOnce } from './create.js';
import { keptName } from './names.js';

const gone = ({ old }: SwapStep): string =>
  `The kept container of ${old.name} (${old.id.slice(0, 12)}) is gone from ${old.host}`;

/** What was kept of the old container before it was stopped, and still is what the plan saw. */
const keptSpecOf = async (step: SwapStep, context: StepContext): Promise<KeptSpec> => {
  const { spec } = context.memory();
  if (spec === undefined) throw new StepFailed(`${gone(step)}, and its configuration was not kept.`);
  const kept = await context.specs.read(spec);
  if (kept && configHash(kept.old) === step.old.configHash) return kept;
  throw new StepFailed(
    `${gone(step)}, and its configuration (blobs/${spec} in the state folder) is not there or not whole. Put that file back from a backup and resume; or deploy ${step.old.name} at ${step.old.imageRef} again.`,
  );
};

/** The digest in `repository@sha256:…`, which a registry can be asked for. */
export const digestOf = (identity: string): string | undefined => identity.split('@')[1];

/** The reference that names the old image on the host; pulled by its digest where it is gone. */
const oldImageRef = async (step: SwapStep, context: StepContext): Promise<string> => {
  const { host, imageRef, imageId, identity } = step.old;
  const engine = context.engine(host);
  const isOld = (image: ImageInspect | undefined): boolean =>
    image !== undefined && goesBy(identityOfImage(image), imageId);
  const byRef = async (): Promise<boolean> => isOld(await engine.image(imageRef));
  if (await look(context, byRef)) return imageRef;
  if (isOld(await look(context, () => engine.image(imageId)))) return imageId;
  const digest = digestOf(identity);
  if (digest === undefined)
    throw new StepFailed(`${gone(step)}, and so is its image, which came from no registry (${imageRef}).`);
  await act(context, {
    host,
    op: 'pull',
    target: imageRef,
    satisfied: byRef,
    call: async () => {
      await engine.pull(imageRef, digest);
    },
  });
  if (await look(context, byRef)) return imageRef;
  throw new StepFailed(`${imageRef} on ${host} is another build than the one that ${step.old.name} ran.`);
};

/** Nothing of it is started unless it is what was kept: the same image, the same configuration. */
const requireSame = async (
  step: SwapStep,
  context: StepContext,
  { kept, made }: { kept: KeptSpec; made: ContainerInspect },
): Promise<void> => {
  const image = await look(context, () => context.engine(step.old.host).image(made.Image));
  const found =
    image === undefined || !goesBy(identityOfContainer(made), step.old.imageId)
      ? ['it has another image']
      : differences({
          before: { ...kept.old, Name: made.Name },
          after: {
            ...made,
            HostConfig: { ...made.HostConfig, RestartPolicy: kept.old.HostConfig.RestartPolicy },
          },
          beforeImage: kept.oldImage,
          afterImage: image,
        });
  if (found.length === 0) return;
  const label = keptName(context.run, step.old.name);
  await containerOf(context, { host: step.old.host, id: made.Id, label }).tidyAway();
  throw new StepFailed(`${gone(step)}, and one like it could not be made: ${found.join('; ')}.`);
};

/** An engine makes an empty volume of a name that it does not know, without a word: the old version would begin anew on it. */
const requireVolumes = async (
  step: SwapStep,
  context: StepContext,
  { old: { Mounts } }: KeptSpec,
): Promise<void> => {
  const engine = context.engine(step.old.host);
  const named = (Mounts ?? []).flatMap((mount) => (mount.Type === 'volume' ? (volumeName(mount) ?? []) : []));
  const there = await look(context, () => Promise.all(named.map((name) => engine.hasVolume(name))));
  const missing = named.filter((_name, index) => !there[index]);
  if (missing.length > 0)
    throw new StepFailed(
      `${gone(step)}, and so ${missing.length === 1 ? 'is its volume' : 'are its volumes'} ${missing.join(', ')}: the engine would put an empty one in its place. Nothing was made anew. Put the volume back from a backup and resume.`,
    );
};

/** Creates it once, under the kept name, which is unique to the run; never started yet. */
const createAgain = async (
  step: SwapStep,
  context: StepContext,
  kept: KeptSpec,
): Promise<ContainerInspect> => {
  const { host, name } = step.old;
  const engine = context.engine(host);
  const target = keptName(context.run, name);
  await requireVolumes(step, context, kept);
  const newRef = await oldImageRef(step, context);
  const { apiVersion, hostname: engineHostname } = await look(context, () => engine.info());
  const spec = cloneSpec({ ...kept, newRef, apiVersion, engineHostname });
  return createOnce(context, { host, name: target, spec });
};

const standingIn = (step: SwapStep, id: string): SwapStep => ({ ...step, old: { ...step.old, id } });

/**
 * The step with the container that takes the old one's part: the old one itself, or, where somebody removed it, one that
 * is made anew from what was kept of it. May be repeated.
 */
export const withStandIn = async (step: SwapStep, context: StepContext): Promise<SwapStep> => {
  const { host, name, id } = step.old;
  const engine = context.engine(host);
  const known = context.memory().standInId ?? id;
  if (await look(context, () => engine.inspect(known))) return standingIn(step, known);
  const kept = await keptSpecOf(step, context);
  const made = await createAgain(step, context, kept);
  await requireSame(step, context, { kept, made });
  await context.emit({
    kind: 'stand-in',
    index: context.index,
    host,
    name: keptName(context.run, name),
    id: made.Id,
  });
  await context.note(
    `${gone(step)}: somebody removed it. It was made anew from its kept configuration; what was written inside the old container is lost, its volumes are not.`,
  );
  return standingIn(step, made.Id);
};
