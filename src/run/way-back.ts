import { SERVICES } from '../catalogue/index.js';
import { goesBy, identityOfImage } from '../engine/image-identity.js';
import { nameOf } from '../engine/inspect.js';
import type { Engine } from '../engine/port.js';
import { messageOf, Refusal } from '../errors.js';
import type { SwapStep } from '../plan/plan.js';
import type { Specs } from '../steps/context.js';
import { configName } from '../steps/names.js';
import { OVER } from './phase.js';
import type { Run, State } from './run.js';
import type { Workshop } from './runner.js';

type Swapped = {
  readonly step: SwapStep;
  readonly newId: string | undefined;
  /** What takes the part of the old container: itself, or what an earlier try made anew. */
  readonly oldId: string;
  /** Blob with the old container's configuration. */
  readonly spec: string | undefined;
  readonly done: boolean;
  /** Name of the container that keeps its configuration from before, where that is exchanged. */
  readonly helper: string;
};

type Means = { readonly engine: Engine; readonly specs: Specs };

/** The kept container is gone: whether it can be made anew, from what the bot kept of it. */
const withoutKept = async (
  { step: { old }, spec }: Swapped,
  { engine, specs }: Means,
): Promise<readonly string[]> => {
  const gone = `the kept container of ${old.name} is gone from ${old.host}`;
  if (spec === undefined) return [`${gone}, and its configuration was not kept`];
  if ((await specs.read(spec)) === undefined)
    return [`${gone}, and its configuration (blobs/${spec} in the state folder) is not there or not whole`];
  const images = await Promise.all([old.imageRef, old.imageId].map((name) => engine.image(name)));
  const there = images.some((image) => image !== undefined && goesBy(identityOfImage(image), old.imageId));
  return there || old.identity.includes('@')
    ? []
    : [`${gone}, and so is its image, which came from no registry (${old.imageRef})`];
};

/** Why one swapped container cannot be put back; empty when it can. Looks at the host. */
const obstaclesOf = async (swapped: Swapped, means: Means): Promise<readonly string[]> => {
  const { step, newId, oldId, done, helper } = swapped;
  const { engine } = means;
  const { name, host } = step.old;
  const [kept, bearer, keeper] = await Promise.all([oldId, name, helper].map((one) => engine.inspect(one)));
  const fresh = newId === undefined ? undefined : await engine.inspect(newId);
  // Past a unit that cannot be reached the old one serves on under its kept name until its swap stops it. And where
  // the new one does not run, nothing runs twice: going back is what gives the old one its name again.
  const mayRun = (step.owner?.kind === 'rename-first' && !done) || fresh?.State.Running !== true;
  const image = kept && (await engine.image(kept.Image));
  return [
    ...(kept ? [] : await withoutKept(swapped, means)),
    ...(step.config && !keeper && (!kept || nameOf(kept) !== name)
      ? [`the kept configuration of ${name} (${helper}) is gone from ${host}`]
      : []),
    ...(!kept || image ? [] : [`the image of the kept ${name} is gone from ${host}`]),
    ...(bearer && bearer.Id !== oldId && bearer.Id !== newId
      ? [`the name ${name} on ${host} belongs to a container of somebody else (${bearer.Id.slice(0, 12)})`]
      : []),
    ...(kept?.State.Running && nameOf(kept) !== name && !mayRun
      ? [`the kept container of ${name} on ${host} is running: somebody started it`]
      : []),
  ];
};

/** Services upgraded since that need this one at its new release. */
const dependents = (run: Run, state: State): readonly string[] => {
  const needing = SERVICES.filter((service) => service.needs.includes(run.plan.service)).map(
    (service) => service.name,
  );
  return Object.values(state.runs)
    .filter(
      (other) => needing.includes(other.plan.service) && (other.startedAt ?? '') > (run.startedAt ?? ''),
    )
    .filter(
      (other) => other.plan.crossesRelease && (!OVER.includes(other.phase) || other.phase === 'finalized'),
    )
    .map(
      (other) =>
        `${other.plan.service} was upgraded since (run ${other.id}) and needs the newer ${run.plan.service}`,
    );
};

/**
 * Looks again before anything is stopped: a roll back that cannot end well is refused while the new version still
 * serves. Throws the refusal. A host that does not answer does not keep the others from going back: it is left for last
 * and the run is then stuck with it; only where no host answers there is nothing to be done.
 */
export const requireWayBack = async (
  run: Run,
  { journal, engineOf, specs }: Pick<Workshop, 'journal' | 'engineOf' | 'specs'>,
): Promise<void> => {
  const swaps = run.plan.steps.flatMap((step, index): readonly Swapped[] => {
    const { status, createdId: newId, standInId, spec } = run.steps[index] ?? {};
    if (step.kind !== 'swap' || status === 'pending') return [];
    const { id, name } = step.old;
    const done = status === 'done';
    return [{ step, newId, oldId: standInId ?? id, spec, done, helper: configName(run.id, name) }];
  });
  const looked = swaps.map(async (swapped) => {
    const { host } = swapped.step.old;
    try {
      return { known: await obstaclesOf(swapped, { engine: engineOf(host), specs }) };
    } catch (error) {
      return { silent: `${host} does not answer: ${messageOf(error)}` };
    }
  });
  const seen = await Promise.all(looked);
  const silent = seen.flatMap((one) => one.silent ?? []);
  const obstacles = [
    ...seen.flatMap((one) => one.known ?? []),
    ...dependents(run, journal.state()),
    ...(silent.length === seen.length ? silent : []),
  ];
  if (obstacles.length === 0) return;
  throw new Refusal(
    'cannot-roll-back',
    `Rolling back run ${run.id} would fail: ${obstacles.join('; ')}.`,
    'Nothing was stopped. The new version stays; to get the old one, plan an upgrade to its tag or deploy it again.',
  );
};
