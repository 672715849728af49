import type { Config } from '../config.js';
import { goesBy, identityOfImage, isSameBuild } from '../engine/image-identity.js';
import type { ImageInspect } from '../engine/inspect.js';
import type { Engine } from '../engine/port.js';
import { messageOf } from '../errors.js';
import type { Found } from './observe.js';
import type { Target } from './plan.js';
import { isAllowed, withTag } from './reference.js';
import type { Choice } from './target.js';

/** What is known about the image that one container shall get. */
export type SeenTarget = {
  readonly target: Target;
  /** Whether it has to be pulled before the swap. */
  readonly pull: boolean;
  /** Whether the container runs it already. */
  readonly current: boolean;
  /** Why it cannot be had; the plan is blocked then. */
  readonly problem?: string;
  /** Why the registry could not tell whether there is a newer build; the one on the host is taken then. */
  readonly unasked?: string;
};

/** By host and container name. */
export type SeenTargets = ReadonlyMap<string, SeenTarget>;

export const keyOf = (found: Found): string => `${found.seen.host}/${found.seen.name}`;

/** Whether the container runs the build that lies on its host. */
const runs = (found: Found, local: ImageInspect | undefined): boolean =>
  local !== undefined && isSameBuild(found.build, identityOfImage(local));

type Asked = {
  readonly local: ImageInspect | undefined;
  readonly digest?: string;
  readonly problem?: string;
};

const askRegistry = async (engine: Engine, ref: string, local: ImageInspect | undefined): Promise<Asked> => {
  try {
    const { digest } = await engine.resolve(ref);
    return { local, digest };
  } catch (error) {
    return { local, problem: messageOf(error) };
  }
};

/**
 * Pull policy `missing` uses the image that is on the host, unless the tag stays the same: then only the registry can
 * tell of a newer build. `always` asks the registry each time.
 */
const seeTarget = async (
  engine: Engine,
  found: Found,
  context: { choice: Choice; config: Config },
): Promise<SeenTarget> => {
  const { choice, config } = context;
  const ref = withTag(found.seen.imageRef, choice.tag, { ...config.images, image: found.entry.image });
  // A registry that is not allowed is not even asked; the plan's findings say so.
  const { registries } = config.images;
  if (registries && !isAllowed(ref, registries)) return { target: { ref }, pull: true, current: false };
  const local = await engine.image(ref);
  const sameRef = ref === found.seen.imageRef;
  const mustAsk = config.images.pull === 'always' || local === undefined || (sameRef && runs(found, local));
  const asked: Asked = mustAsk ? await askRegistry(engine, ref, local) : { local };
  return judge(found, ref, { ...asked, always: config.images.pull === 'always', sameRef });
};

const judge = (
  found: Found,
  ref: string,
  asked: Asked & { always: boolean; sameRef: boolean },
): SeenTarget => {
  const { local, digest, problem, always } = asked;
  if (digest !== undefined) {
    const here = local !== undefined && goesBy(identityOfImage(local), digest);
    // The pull step is planned even where the image lies there already: pulling ahead must not make an approved plan stale.
    return { target: { ref, digest }, pull: true, current: here && runs(found, local) };
  }
  if (local && !always)
    return {
      target: { ref, imageId: local.Id },
      pull: false,
      current: runs(found, local),
      ...(problem === undefined ? {} : { unasked: problem }),
    };
  return { target: { ref }, pull: true, current: false, problem: problem ?? 'no registry answered' };
};

/** Looks for every container's target image, on its host and at the registry. */
export const observeTargets = async (
  found: readonly Found[],
  context: { choice: Choice; config: Config; engineOf: (host: string) => Engine },
): Promise<SeenTargets> => {
  const seen = await Promise.all(
    found.map(
      async (one) => [keyOf(one), await seeTarget(context.engineOf(one.seen.host), one, context)] as const,
    ),
  );
  return new Map(seen);
};
