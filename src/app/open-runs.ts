import { SERVICES } from '../catalogue/index.js';
import { Refusal } from '../errors.js';
import type { Obstacle } from '../plan/input.js';
import type { Observation } from '../plan/observe.js';
import { OVER } from '../run/phase.js';
import { type Run, runIn, type State } from '../run/run.js';
import { runOfLeftover } from '../steps/names.js';

export const newestFirst = (state: State): readonly Run[] =>
  Object.values(state.runs).sort((a, b) =>
    a.requestedAt === b.requestedAt ? (a.id < b.id ? 1 : -1) : a.requestedAt < b.requestedAt ? 1 : -1,
  );

/** The service's run that is not over: waiting, going on, or not finalized yet. There is at most one. */
export const openRun = (state: State, service: string): Run | undefined =>
  newestFirst(state).find((run) => run.plan.service === service && !OVER.includes(run.phase));

/** Without what a run that is not over keeps: it needs that to go on or back, and nobody may be told to remove it. */
export const withoutKept = (observation: Observation, { runs }: State): Observation => {
  const isKept = (name: string): boolean => {
    const run = runIn({ runs }, runOfLeftover(name));
    // The one-off container of a migration has served once all is upgraded.
    const hasServed = run?.phase === 'upgraded' && !/__(swap|prev|conf)_/.test(name);
    return run !== undefined && !OVER.includes(run.phase) && !hasServed;
  };
  const hosts = observation.hosts.map((host) => ({
    ...host,
    leftovers: host.leftovers.filter(({ name }) => !isKept(name)),
  }));
  return { ...observation, hosts };
};

/** What stands in the way of a new run of the service. */
export const obstaclesFor = (state: State, service: string): readonly Obstacle[] => {
  const run = openRun(state, service);
  const hold = state.holds[service];
  return [
    ...(run
      ? [
          {
            code: 'run-open',
            text: `Run ${run.id} of ${service} is ${run.phase === 'upgraded' ? 'not finalized' : run.phase}.`,
            wayOut:
              run.phase === 'upgraded'
                ? `Finalize it or roll it back first: finalize ${run.id}.`
                : `See: status ${service}.`,
          } as const,
        ]
      : []),
    ...(hold
      ? [
          {
            code: 'on-hold',
            text: `${service} is on hold since ${hold.at.slice(0, 16).replace('T', ' ')} UTC, by ${hold.by.name}: ${hold.reason}`,
            wayOut: `When that is settled: unhold ${service}.`,
          } as const,
        ]
      : []),
  ];
};

/** Measured API downtime of earlier upgrades of the service, newest first, in milliseconds. */
export const earlierDowntime = (state: State, service: string): readonly number[] =>
  newestFirst(state)
    .filter((run) => run.plan.service === service)
    .map((run) =>
      run.steps.flatMap((step) =>
        step.status === 'done' && step.downtime?.reachable && !step.downtime.openStart
          ? [step.downtime.longestGapMs]
          : [],
      ),
    )
    .filter((gaps) => gaps.length > 0)
    .map((gaps) => Math.max(...gaps))
    .slice(0, 10);

/** A run by its id, by the thread that was spoken in, or the newest open one of a service. */
export const findRun = (state: State, word: string | undefined, threadRun: string | undefined): Run => {
  const wanted = word?.split(':')[0] ?? threadRun;
  if (wanted === undefined) {
    const open = newestFirst(state).filter((run) => !OVER.includes(run.phase));
    const [only, ...others] = open;
    if (only && others.length === 0) return only;
    throw new Refusal(
      'unknown-run',
      only
        ? `Several runs are open: ${open.map((run) => `${run.id} (${run.plan.service})`).join(', ')}.`
        : 'No run is open.',
      only ? 'Say which one, by its id.' : 'Start one with: upgrade <service>.',
    );
  }
  const service = wanted.toLowerCase();
  const run = runIn(state, wanted) ?? openRun(state, service);
  if (run) return run;
  const isService = SERVICES.some(({ name }) => name === service);
  throw new Refusal(
    'unknown-run',
    isService ? `No run of ${service} is open.` : `There is no run "${wanted}".`,
    isService ? `Earlier ones: history ${service}.` : 'See: history.',
  );
};
