import { SERVICES } from '../catalogue/index.js';
import { goesBy, identityOfImage } from '../engine/image-identity.js';
import { nameOf } from '../engine/inspect.js';
import type { Engine } from '../engine/port.js';
import { messageOf, Refusal } from '../errors.js';
import type { SwapStep } from '../plan/plan.js';
import type { Specs } from '../steps/context.js';
import { configName } from '../steps/names.js';
import { HALTED, OVER } from './phase.js';
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

type Obstacles = {
  /** Trying would only stop the new one: what makes the old one serve is lost, or its name is somebody else's. */
  readonly hopeless: readonly string[];
  readonly others: readonly string[];
};

/** Why one swapped container cannot be put back. Looks at the host. */
const obstaclesOf = async (swapped: Swapped, means: Means): Promise<Obstacles> => {
  const { step, newId, oldId, done, helper } = swapped;
  const { engine } = means;
  const { name, host } = step.old;
  const [kept, bearer, keeper] = await Promise.all([oldId, name, helper].map((one) => engine.inspect(one)));
  const fresh = newId === undefined ? undefined : await engine.inspect(newId);
  // Past a unit that cannot be reached the old one serves on under its kept name until its swap stops it. And where
  // the new one does not run, nothing runs twice: going back is what gives the old one its name again.
  const mayRun = (step.owner?.kind === 'rename-first' && !done) || fresh?.State.Running !== true;
  const image = kept && (await engine.image(kept.Image));
  const hopeless = [
    ...(kept ? [] : await withoutKept(swapped, means)),
    ...(step.config && !keeper && (!kept || nameOf(kept) !== name)
      ? [`the kept configuration of ${name} (${helper}) is gone from ${host}`]
      : []),
    ...(bearer && bearer.Id !== oldId && bearer.Id !== newId
      ? [`the name ${name} on ${host} belongs to a container of somebody else (${bearer.Id.slice(0, 12)})`]
      : []),
  ];
  const others = [
    ...(!kept || image ? [] : [`the image of the kept ${name} is gone from ${host}`]),
    ...(kept?.State.Running && nameOf(kept) !== name && !mayRun
      ? [`the kept container of ${name} on ${host} is running: somebody started it`]
      : []),
  ];
  return { hopeless, others };
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

const swappedAt = (run: Run, index: number): Swapped | undefined => {
  const step = run.plan.steps[index];
  const { status, createdId: newId, standInId, spec } = run.steps[index] ?? {};
  if (step?.kind !== 'swap' || status === 'pending') return undefined;
  const { id, name } = step.old;
  const done = status === 'done';
  return { step, newId, oldId: standInId ?? id, spec, done, helper: configName(run.id, name) };
};

type Places = Pick<Workshop, 'journal' | 'engineOf' | 'specs'>;

/** What stands in the way, in words; and the hosts that do not say. */
type Hindrances = {
  readonly obstacles: readonly string[];
  readonly silent: readonly string[];
  /** Some host would go back whole, or there is nothing to be put back. */
  readonly somewhere: boolean;
};

const hindrancesOf = async (run: Run, { journal, engineOf, specs }: Places): Promise<Hindrances> => {
  const swaps = [...run.plan.steps.keys()].flatMap((index) => swappedAt(run, index) ?? []);
  const looked = swaps.map(async (swapped) => {
    const { host } = swapped.step.old;
    try {
      const { hopeless, others } = await obstaclesOf(swapped, { engine: engineOf(host), specs });
      return { host, known: [...hopeless, ...others], silent: [] };
    } catch (error) {
      return { host, known: [], silent: [`${host} does not answer: ${messageOf(error)}`] };
    }
  });
  const seen = await Promise.all(looked);
  // One look that failed says nothing while another look at the same host succeeds.
  const answering = new Set(seen.filter((one) => one.silent.length === 0).map((one) => one.host));
  const hindered = new Set(
    seen.filter((one) => one.known.length > 0 || !answering.has(one.host)).map((one) => one.host),
  );
  const needing = dependents(run, journal.state());
  return {
    obstacles: [...seen.flatMap((one) => one.known), ...needing],
    silent: seen.filter((one) => !answering.has(one.host)).flatMap((one) => one.silent),
    somewhere: needing.length === 0 && (seen.length === 0 || seen.some((one) => !hindered.has(one.host))),
  };
};

/** Why undoing one step would only stop what serves; empty where it is worth a try. Throws where the host is silent. */
export const whyHopeless = async (
  run: Run,
  index: number,
  { engineOf, specs }: Pick<Places, 'engineOf' | 'specs'>,
): Promise<readonly string[]> => {
  const swapped = swappedAt(run, index);
  if (!swapped) return [];
  return (await obstaclesOf(swapped, { engine: engineOf(swapped.step.old.host), specs })).hopeless;
};

/** Why a run can go back nowhere, in words; `undefined` where some host can, or where hosts are only silent. */
export const whatHinders = async (run: Run, places: Places): Promise<string | undefined> => {
  const { obstacles, somewhere } = await hindrancesOf(run, places);
  return somewhere || obstacles.length === 0 ? undefined : obstacles.join('; ');
};

const wayOut = (run: Run, isObstructed: boolean): string => {
  if (!HALTED.includes(run.phase))
    return 'Nothing was stopped. The new version stays; to get the old one, plan an upgrade to its tag or deploy it again.';
  return isObstructed
    ? `Nothing was stopped. To leave the run as it is: cancel ${run.id}. The service is then on hold, and after unhold ${run.plan.service} a new upgrade can be planned, also to the old tag.`
    : 'Nothing was stopped. Bring back the host that does not answer, and ask again; the run waits.';
};

/**
 * Looks again before anything is stopped: a roll back that cannot end well is refused while the new version still
 * serves. Throws the refusal. A host that does not answer does not keep the others from going back: it is left for last
 * and the run is then stuck with it; only where no host answers there is nothing to be done. Nor does, once the run has
 * been halted, one host on which something of the way back is gone or somebody else's.
 */
export const requireWayBack = async (run: Run, places: Places): Promise<void> => {
  const { obstacles, silent, somewhere } = await hindrancesOf(run, places);
  if (somewhere && (obstacles.length === 0 || HALTED.includes(run.phase))) return;
  const why = somewhere ? obstacles : [...obstacles, ...silent];
  throw new Refusal(
    'cannot-roll-back',
    `Rolling back run ${run.id} would fail: ${why.join('; ')}.`,
    wayOut(run, obstacles.length > 0),
  );
};
