import type { Migration } from '../catalogue/service.js';
import { Refusal } from '../errors.js';
import { crosses } from './crossing.js';
import { findingsOf } from './findings.js';
import { keyOf, type SeenTarget } from './images.js';
import type { PlanInput } from './input.js';
import { allFound, type Found } from './observe.js';
import type { MigrateStep, Plan, PullStep, Step, SwapStep } from './plan.js';
import { AND_RESTART } from './standing.js';

type Move = { readonly found: Found; readonly target: SeenTarget };

/** What has to be swapped: role by role in the catalogue's order, host by host. */
const movesOf = ({ observation, targets }: PlanInput): readonly Move[] => {
  const order = observation.service.containers.map((entry) => entry.name);
  return allFound(observation)
    .flatMap((found) => {
      const target = targets.get(keyOf(found));
      return target && !target.current ? [{ found, target }] : [];
    })
    .sort((a, b) => order.indexOf(a.found.entry.name) - order.indexOf(b.found.entry.name));
};

const pullsOf = (moves: readonly Move[]): readonly PullStep[] => {
  const pulls = moves
    .filter(({ target }) => target.pull)
    .map(({ found, target }): PullStep => ({ kind: 'pull', host: found.seen.host, target: target.target }));
  return pulls.filter(
    (pull, index) =>
      pulls.findIndex((other) => other.host === pull.host && other.target.ref === pull.target.ref) === index,
  );
};

/** Only what is there: a key with `undefined` would not survive the journal. */
const own = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: V });

const swapOf = (
  { found, target }: Move,
  { observation, owners, configs, balancers }: PlanInput,
): SwapStep => ({
  kind: 'swap',
  old: found.seen,
  target: target.target,
  graceSeconds: found.entry.graceSeconds,
  probeUrl: found.probeUrl,
  expect: observation.service.api.expect,
  ...own('owner', owners.owners.get(keyOf(found))),
  ...own('config', configs.changes.get(keyOf(found))),
  ...own('drain', balancers.drains.get(keyOf(found))),
});

/** Migrations run once, on the first host that has the API, as its container. */
const migrationsOf = (
  input: PlanInput,
  moves: readonly Move[],
  when: Migration['when'],
): readonly MigrateStep[] => {
  const { service } = input.observation;
  const api = moves.find(({ found }) => found.entry.name === service.api.container);
  if (!api || !crosses(input.choice)) return [];
  const prefix = api.found.seen.name.slice(0, api.found.seen.name.length - service.api.container.length);
  return service.migrations
    .filter((migration) => migration.when === when)
    .map((migration) => ({
      kind: 'migrate',
      host: api.found.seen.host,
      like: api.found.seen,
      target: api.target.target,
      name: `${prefix}${migration.name}`,
      phase: migration.phase,
      env: migration.env,
      runs: migration.runs,
      revision: service.revision,
      oneWay: service.rollback === 'D' && when === 'before',
      ...own('config', when === 'before' ? input.configs.changes.get(keyOf(api.found)) : undefined),
    }));
};

/** Finalize: restarts that lift RPC pins, then online and contract migrations, then the kept containers go. */
const finalizeOf = (input: PlanInput, moves: readonly Move[], steps: readonly Step[]): readonly Step[] => {
  const { service } = input.observation;
  const swaps = steps.flatMap((step, index) => (step.kind === 'swap' ? [{ step, index }] : []));
  const pinned = crosses(input.choice)
    ? swaps.filter(({ step }) => service.unpin.includes(step.old.entry))
    : [];
  const seconds = input.config.settle === undefined ? service.settleSeconds : input.config.settle / 1000;
  const settle: Step[] =
    pinned.length > 0 && seconds > 0
      ? [{ kind: 'settle', seconds, why: 'the new service versions have to reach the database' }]
      : [];
  const restarts = pinned.map(
    ({ step, index }): Step => ({
      kind: 'restart',
      host: step.old.host,
      name: step.old.name,
      index,
      graceSeconds: step.graceSeconds,
      probeUrl: step.probeUrl,
      expect: step.expect,
      ...own('owner', step.owner),
      ...own('drain', step.drain),
    }),
  );
  const retires = swaps.map(
    ({ step, index }): Step => ({ kind: 'retire', host: step.old.host, name: step.old.name, index }),
  );
  return [...settle, ...restarts, ...migrationsOf(input, moves, 'finalize'), ...retires];
};

const requireSomething = (input: PlanInput, moves: readonly Move[]): void => {
  const { observation, choice } = input;
  const found = allFound(observation);
  if (found.length === 0 && observation.unreachable.length > 0)
    throw new Refusal(
      'engine-unreachable',
      `No container of ${observation.service.name} was found, and ${observation.unreachable.map(({ host, why }) => `${host} does not answer (${why})`).join(', ')}.`,
      `Bring its engine back, or take the host out of the hosts file ${AND_RESTART}.`,
    );
  if (found.length === 0)
    throw new Refusal(
      'no-containers',
      `No container of ${observation.service.name} was found on ${observation.hosts.map(({ host }) => host.name).join(', ')}.`,
      `Looked for ${observation.service.containers.map((entry) => entry.name).join(', ')}; is container_prefix right in the hosts file?`,
    );
  const unasked = [...input.targets.values()].find((target) => target.unasked);
  if (found.length > 0 && moves.length === 0 && unasked)
    throw new Refusal(
      'nothing-to-do',
      `Every container of ${observation.service.name} already runs ${choice.tag}, and whether there is a newer build is unknown: ${unasked.unasked}.`,
      'Check the registry and Docker’s credentials on the bot, or name another release or tag: `to <release or tag>`.',
    );
  if (found.length > 0 && moves.length === 0)
    throw new Refusal(
      'nothing-to-do',
      `Every container of ${observation.service.name} already runs ${choice.tag}, and no newer build was found.`,
      'Name another release or tag: `to <release or tag>`.',
    );
};

/** Turns what was seen into a plan. Pure: it asks nobody, and equal input gives an equal plan. */
export const planUpgrade = (input: PlanInput): Plan => {
  const { observation, choice, overrides, earlierDowntimeMs } = input;
  const moves = movesOf(input);
  requireSomething(input, moves);
  const steps: readonly Step[] = [
    ...pullsOf(moves),
    ...migrationsOf(input, moves, 'before'),
    ...moves.map((move) => swapOf(move, input)),
  ];
  return {
    version: 1,
    service: observation.service.name,
    from: { release: choice.running[0]?.id ?? null, tags: choice.runningTags },
    to: { release: choice.release?.id ?? null, tag: choice.tag },
    crossesRelease: crosses(choice),
    steps,
    finalize: finalizeOf(input, moves, steps),
    rollbackClass: crosses(choice) ? observation.service.rollback : 'A',
    hazards: observation.service.hazards,
    findings: findingsOf(input),
    overrides,
    earlierDowntimeMs,
    ...(input.configs.diffs.length > 0 ? { configDiffs: input.configs.diffs } : {}),
    ...(input.asks.length > 0 ? { asks: input.asks } : {}),
  };
};
