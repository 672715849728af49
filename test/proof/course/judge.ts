import type { Run } from '../../../src/run/run.js';
import { isUp, policyOf, type SimContainer } from '../../../src/sim/container.js';
import { drainedNow } from '../../run/balanced.js';
import { filesOn } from '../../run/configured.js';
import { rightEnds } from './expected.js';
import type { Ground } from './ground.js';
import { isSilence } from './ills.js';
import type { Line, Mishap } from './line.js';
import type { Wish } from './person.js';

/** Phases in which the new version has to run. */
const NEW: readonly Run['phase'][] = ['upgraded', 'finalized'];

/** Ends in which a run waits for people, who have to know why. */
const LEFT_OPEN: readonly Run['phase'][] = ['paused', 'stuck', 'finalize-failed'];

/** Exactly the container that has to run does, under its name: by id, whatever it is called. */
const wrongBearers = ({ scene, was }: Ground, run: Run | undefined): readonly string[] => {
  const isNew = run !== undefined && NEW.includes(run.phase);
  const swapped = new Map(
    (run?.plan.steps ?? []).flatMap((step, index) =>
      step.kind === 'swap'
        ? [[`${step.old.host}/${step.old.name}`, run?.steps[index]?.createdId] as const]
        : [],
    ),
  );
  return [...was.values()].flatMap(({ host, name, id }) => {
    const wanted = isNew && swapped.has(`${host}/${name}`) ? swapped.get(`${host}/${name}`) : id;
    const bearer = [...scene.cloud.host(host).containers.values()].find((one) => one.name === name);
    return bearer && isUp(bearer) && bearer.id === wanted
      ? []
      : [`${name} on ${host} is not the ${isNew ? 'new' : 'old'} container, or does not run`];
  });
};

/** What may be left beside the services' own containers: what a run keeps, and what it said that it could not remove. */
const leftovers = ({ scene, was }: Ground, run: Run | undefined): readonly string[] => {
  const names = new Set([...was.values()].map(({ host, name }) => `${host}/${name}`));
  const isKept = (host: string, { name }: SimContainer): boolean =>
    run?.phase === 'upgraded' &&
    run.plan.steps.some(
      (step) =>
        step.kind === 'swap' &&
        step.old.host === host &&
        (name === `${step.old.name}__prev_${run.id}` ||
          (step.config !== undefined && name === `${step.old.name}__conf_${run.id}`)),
    );
  const isSaid = ({ name, id }: SimContainer): boolean =>
    (run?.notes ?? []).some(({ text }) => text.includes(name) || text.includes(id.slice(0, 12)));
  return scene.cloud.hosts.flatMap((host) =>
    [...host.containers.values()]
      .filter((one) => !names.has(`${host.name}/${one.name}`) && !isKept(host.name, one) && !isSaid(one))
      .map(({ name }) => `${name} was left on ${host.name}, and nobody is told`),
  );
};

export const drained = async ({ scene }: Ground): Promise<readonly string[]> =>
  scene.balancers.size === 0 ? [] : (await drainedNow(scene)).map((server) => `${server} was left drained`);

/** Every other look that fails is asked again; one that is refused is not, and a silence outlasts the asking. */
const canKeepFromComparing = ({ mishaps, line }: Ended): boolean =>
  mishaps.some(({ at, ill }) => isSilence(ill) || (ill === 'refused' && line.effects[at]?.kind === 'look'));

/** What could not be compared is no difference, where something went wrong that keeps from it. */
const realDifferences = (differences: readonly string[], ended: Ended): readonly string[] => {
  const excused = canKeepFromComparing(ended);
  return differences.filter((one) => !excused || !one.startsWith('could not be compared'));
};

/** The journal's own story: a decision to go back is never taken back, and nothing is done after the end. */
const wrongStory = async (ended: Ended): Promise<readonly string[]> => {
  const { ground, line } = ended;
  const clicked = line.wentBack();
  const found: string[] = [];
  for (const { id, fingerprint } of Object.values(ground.kept.state().runs)) {
    let back = false;
    let late = 0;
    let over = false;
    for (const { event } of await ground.kept.eventsOf(id)) {
      if (event.kind === 'rollback') back = true;
      // One step's beginning may be on its way to the disk when a click is: it is begun, and nothing is done in it.
      if (back && event.kind === 'step-started') late += 1;
      if (back && event.kind === 'step-started' && late > (clicked ? 1 : 0))
        found.push(`after the decision to go back, step ${event.index} of ${event.part} was begun`);
      if (over && ['call', 'step-started', 'started'].includes(event.kind))
        found.push(`${event.kind} after the run was over`);
      if (['finalized', 'rolled-back', 'failed', 'voided'].includes(event.kind)) over = true;
      if (event.kind === 'approved' && event.fingerprint !== fingerprint)
        found.push('another plan was approved than was run');
      const differences = event.kind === 'compared' ? realDifferences(event.differences, ended) : [];
      if (event.kind === 'compared' && differences.length > 0)
        found.push(`${event.name} is not configured as before: ${differences.join('; ')}`);
    }
  }
  return found;
};

/** The old version is never left on a schema that it cannot be trusted on. */
const wrongSchema = ({ scene }: Ground, run: Run | undefined): readonly string[] => {
  if (run?.phase !== 'rolled-back' || !run.plan.steps.some((step) => step.kind === 'migrate' && step.oneWay))
    return [];
  const { service, from } = run.plan;
  const now = scene.cloud.database.get(service) ?? 'none';
  return now === `${service}-${from.release}` ? [] : [`the old ${service} runs on the schema ${now}`];
};

/** Whoever has the old version has its configuration, to the byte; what the target added may stay, unused. */
const wrongFiles = ({ scene, files }: Ground, run: Run | undefined): readonly string[] =>
  run !== undefined && NEW.includes(run.phase)
    ? []
    : [...files].flatMap(([host, before]) => {
        const now = filesOn(scene, host);
        return Object.keys(before)
          .filter((path) => now[path] !== before[path])
          .map((path) => `${path} on ${host} is not what it was`);
      });

/** Starts that count towards a unit's limit, which is 10. */
const MOST_STARTS = 8;

const wornUnits = ({ scene }: Ground): readonly string[] =>
  scene.cloud.hosts.flatMap(({ name }) =>
    [...scene.cloud.unitFiles(name).values()]
      .filter(({ starts }) => starts.length >= MOST_STARTS)
      .map(({ unit, starts }) => `${unit} on ${name} was started ${starts.length} times`),
  );

const wrongPolicies = ({ scene }: Ground): readonly string[] =>
  scene.cloud.hosts.flatMap((host) =>
    [...host.containers.values()]
      .filter((one) => one.name.includes('__') && !['', 'no'].includes(policyOf(one).Name))
      .map(({ name }) => `${name} on ${host.name} would come back at a restart of the engine`),
  );

export type Ended = {
  readonly ground: Ground;
  readonly line: Line;
  readonly run: Run | undefined;
  readonly wish: Wish;
  readonly mishaps: readonly Mishap[];
};

/** Sentences of what is not as it has to be at the end; empty when all is well. */
export const judgeEnd = async (ended: Ended): Promise<readonly string[]> => {
  const { ground, line, run, wish, mishaps } = ended;
  const began = run?.startedAt !== undefined;
  const right = rightEnds(wish, mishaps, { began, wentBack: line.wentBack() });
  const phase = run?.phase;
  const ending =
    phase && right.includes(phase)
      ? []
      : [`the run ended ${phase ?? 'nowhere'}${run?.why ? ` (${run.why})` : ''}, not ${right.join(' or ')}`];
  if (line.meddled() || phase === 'abandoned')
    return [
      ...ending,
      ...line.violations,
      ...(phase === 'abandoned' || LEFT_OPEN.includes(phase ?? 'voided')
        ? []
        : leftovers(ground, run).filter((sentence) => sentence.includes('__swap_'))),
      ...(await drained(ground)),
      ...(LEFT_OPEN.includes(phase ?? 'voided') && !(run?.why ?? run?.asked?.why)
        ? ['nobody is told why it waits']
        : []),
    ];
  return [
    ...ending,
    ...line.violations,
    ...ground.watch.violations,
    ...(await ground.watch.atRest()),
    ...wrongBearers(ground, run),
    ...leftovers(ground, run),
    ...(await drained(ground)),
    ...wrongSchema(ground, run),
    ...wrongFiles(ground, run),
    ...wornUnits(ground),
    ...wrongPolicies(ground),
    ...(await wrongStory(ended)),
  ];
};
