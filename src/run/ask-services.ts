import { serviceNamed } from '../catalogue/index.js';
import type { HealthPolicy } from '../config.js';
import type { SwapStep } from '../plan/plan.js';
import type { ReadyReport } from '../probes/report.js';
import { askRounds, notReadyWords } from '../steps/ask-rounds.js';
import type { AskRequest, AskService } from '../steps/context.js';
import { apiOf, safeReport } from '../steps/ready.js';
import type { Bench } from './runner.js';

/** Stands for a host's name where the service is asked as its users reach it. */
export const FRONT_DOOR = 'the front door';

const hostnameOf = async (bench: Bench, host: string): Promise<readonly string[]> =>
  bench
    .engineOf(host)
    .info()
    .then(
      ({ hostname }) => [hostname],
      // Its name is only needed where the workers report under another than the hosts file's.
      () => [],
    );

type When = AskRequest['when'];

const ofSwap = async (
  bench: Bench,
  { old, probeUrl }: SwapStep,
  when: When,
): Promise<Omit<AskRequest, 'before'>> => ({
  service: bench.run().plan.service,
  host: old.host,
  container: old.name,
  entry: old.entry,
  api: apiOf(probeUrl),
  since: new Date(bench.clock.now()).toISOString(),
  when,
  names: await hostnameOf(bench, old.host),
});

/** One request for each container that the plan swaps, and one for the front door. */
const requestsOf = async (bench: Bench, when: When): Promise<readonly Omit<AskRequest, 'before'>[]> => {
  const { service, steps } = bench.run().plan;
  const swaps = steps.filter((step) => step.kind === 'swap');
  const front = {
    service,
    host: FRONT_DOOR,
    container: service,
    entry: serviceNamed(service).api.container,
    api: null,
    since: new Date(bench.clock.now()).toISOString(),
    when,
  };
  return [...(await Promise.all(swaps.map((step) => ofSwap(bench, step, when)))), front];
};

export type Asked = {
  readonly askService: AskService;
  readonly when: When;
  readonly before: readonly ReadyReport[] | undefined;
  readonly policy: Pick<HealthPolicy, 'interval' | 'successes' | 'deadline'>;
  readonly checkpoint: () => void;
};

export const sameReport =
  (of: { readonly host: string; readonly container: string }) =>
  ({ host, container }: ReadyReport): boolean =>
    host === of.host && container === of.container;

export const askAll = async (bench: Bench, asked: Asked): Promise<readonly ReadyReport[]> => {
  const { askService, when, before, policy, checkpoint } = asked;
  const requests = await requestsOf(bench, when);
  const reports = await Promise.all(
    requests.map((request) =>
      askRounds({
        ask: () => askService({ ...request, before: before?.find(sameReport(request)) }),
        policy,
        clock: bench.clock,
        checkpoint,
      }),
    ),
  );
  return reports
    .filter(({ asked: answers }) => answers.length > 0)
    .map((report) => safeReport(report, bench.tail));
};

const place = ({ host, container }: ReadyReport): string =>
  host === FRONT_DOOR ? host : `${container} on ${host}`;

/** What is not ready, place by place, in words. */
export const failures = (reports: readonly ReadyReport[]): readonly string[] =>
  reports
    .filter(({ ready }) => !ready)
    .map((report) => `${place(report)}: ${report.unasked ?? notReadyWords(report)}`);
