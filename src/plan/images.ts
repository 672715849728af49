import type { Config } from '../config.js';
import { goesBy, identityOfImage, isSameBuild } from '../engine/image-identity.js';
import type { ImageInspect } from '../engine/inspect.js';
import { type Engine, EngineError } from '../engine/port.js';
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

/** Asked once more where the answer was lost: a plan made without it is another plan than one made with it. */
const digestOf = async (engine: Engine, ref: string): Promise<string> => {
  try {
    return (await engine.resolve(ref)).digest;
  } catch (error) {
    if (!(error instanceof EngineError && error.unknown)) throw error;
    return (await engine.resolve(ref)).digest;
  }
};

const askRegistry = async (engine: Engine, ref: string, local: ImageInspect | undefined): Promise<Asked> => {
  try {
    return { local, digest: await digestOf(engine, ref) };
  } catch (error) {
    return { local, problem: messageOf(error) };
  }
};

/**
 * Pull policy `missing` uses the image that is on the host, unless the tag stays the same: then only the registry can
 * tell of a newer build, and whether the one on the host was pulled ahead. `always` asks the registry each time.
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
  const always = config.images.pull === 'always';
  const asked: Asked = always || sameRef || !local ? await askRegistry(engine, ref, local) : { local };
  return judge(found, ref, { ...asked, always, sameRef });
};

const judge = (
  found: Found,
  ref: string,
  asked: Asked & { always: boolean; sameRef: boolean },
): SeenTarget => {
  const { local, digest, problem, always, sameRef } = asked;
  const current = runs(found, local);
  const here = local !== undefined && digest !== undefined && goesBy(identityOfImage(local), digest);
  // Neither what runs nor what the registry has: somebody loaded it on the host, to be used.
  const loaded = local !== undefined && !always && !current && !here;
  if (digest !== undefined && !loaded) {
    const same = (here && current) || (sameRef && goesBy(found.build, digest));
    // The pull step is planned even where the image lies there already: pulling ahead must not make an approved plan stale.
    return { target: { ref, digest }, pull: true, current: same };
  }
  if (local && !always)
    return {
      target: { ref, imageId: local.Id },
      pull: false,
      current,
      ...(problem === undefined || !current ? {} : { unasked: problem }),
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
