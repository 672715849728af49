import { goesBy, identityOfImage } from '../engine/image-identity.js';
import type { PullStep } from '../plan/plan.js';
import { act } from './act.js';
import type { StepKind } from './kind.js';
import { wantedImage } from './wanted-image.js';

export const pull: StepKind<PullStep> = {
  say: ({ host, target }) =>
    `Pull ${target.ref}${target.digest ? ` (${target.digest.slice(0, 19)})` : ''} on ${host}; nothing is interrupted.`,
  perform: async ({ host, target }, context) => {
    const engine = context.engine(host);
    const present = async () => {
      const image = await engine.image(target.ref);
      if (!image) return false;
      return target.digest === undefined || goesBy(identityOfImage(image), target.digest);
    };
    // Without a digest "there already" cannot be told from "an older build": the registry is asked once more.
    let pulled = false;
    await act(context, {
      host,
      op: 'pull',
      target: target.ref,
      satisfied: async () => (target.digest === undefined ? pulled : await present()),
      call: async () => {
        await engine.pull(target.ref, target.digest);
        pulled = true;
      },
    });
    const { Id: imageId } = await wantedImage({ host, target }, context);
    await context.emit({ kind: 'pulled', part: context.part, index: context.index, imageId });
  },
};
