import { goesBy, identityOfImage } from '../engine/image-identity.js';
import type { ImageInspect } from '../engine/inspect.js';
import type { Target } from '../plan/plan.js';
import { look } from './act.js';
import { type StepContext, StepFailed } from './context.js';

/**
 * The image that the new container must run: what the pull brought, or what was on the host at plan time. A target that
 * names neither a digest nor an image id was never approved as any build.
 */
export const wantedImage = async (
  { host, target }: { host: string; target: Target },
  context: StepContext,
): Promise<ImageInspect> => {
  const image = await look(context, () => context.engine(host).image(target.ref));
  if (!image) throw new StepFailed(`${target.ref} is not on ${host}.`);
  const approved = target.digest ?? target.imageId;
  if (approved === undefined || !goesBy(identityOfImage(image), approved))
    throw new StepFailed(
      `${target.ref} on ${host} is another build than the approved one: the tag was moved.`,
    );
  return image;
};
