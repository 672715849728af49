import type { Service } from '../catalogue/service.js';
import { allFound, type Found, type Observation } from '../plan/observe.js';
import type { Finding } from '../plan/plan.js';
import { warn } from '../plan/standing.js';
import type { ReadyReport } from '../probes/report.js';
import { FRONT_DOOR } from '../run/ask-services.js';
import type { Workshop } from '../run/runner.js';
import { notReadyWords } from '../steps/ask-rounds.js';
import type { AskRequest, AskService } from '../steps/context.js';
import { apiOf } from '../steps/ready.js';

/** What will be asked of a service, in words, and what of it is not answered well as things stand. */
export type Asks = { readonly asks: readonly string[]; readonly askProblems: readonly Finding[] };

const NONE: Asks = { asks: [], askProblems: [] };

const listed = (words: readonly string[]): string => words.join(', ');

/** Sentences for the plan, from the catalogue and what was found. */
const sentencesFor = (service: Service, found: readonly Found[]): readonly string[] => {
  const names = new Set(found.map(({ entry }) => entry.name));
  const { ready, api } = service;
  if (!ready) return [];
  const workers = service.containers.filter(
    ({ name }) => names.has(name) && ready.heartbeats?.binaries[name] !== undefined,
  );
  const reads = [
    ...(ready.tokens ? ['a token issued and validated, and a token from before the swap still valid'] : []),
    ...ready.reads.map(({ what }) => what),
    ...(ready.heartbeats ? ['every worker that was up still up'] : []),
  ];
  return [
    ...(names.has(api.container)
      ? [
          `After the swap of ${api.container}, straight at it and before a load balancer gets it back: ${listed(reads)}.`,
        ]
      : []),
    ...(workers.length > 0
      ? [
          `After the swap of ${listed(workers.map(({ name }) => name))}: a heartbeat of its own under the new container. ${service.name} tells no version, so that heartbeat is the evidence.`,
        ]
      : []),
    ...(found.some(({ entry, probeUrl }) => entry.name === api.container && probeUrl === null)
      ? ['Where a host has no api_address its API is asked at the front door only.']
      : []),
    'At the end all of it once more, and at the front door, where keystone’s catalogue sends clients.',
  ];
};

const problemsIn = (reports: readonly ReadyReport[]): readonly Finding[] => {
  const bad = reports.filter(({ ready }) => !ready);
  const unasked = [...new Set(bad.flatMap((report) => report.unasked ?? []))];
  const [why] = unasked;
  const wayOut =
    'It is not required after the swap, either: right before the first one it is asked again. Check clouds_yaml, the user’s role and the address.';
  if (why !== undefined && unasked.length === 1 && bad.every((report) => report.unasked !== undefined))
    return [warn('cloud-not-asked', `The cloud cannot be asked: ${why}.`, wayOut)];
  return bad.map((report) =>
    warn(
      'cloud-not-asked',
      `${report.host === FRONT_DOOR ? report.host : `${report.container} on ${report.host}`} does not answer everything well: ${report.unasked ?? notReadyWords(report)}.`,
      wayOut,
    ),
  );
};

const requestsFor = ({ service, hosts }: Observation, since: string): readonly AskRequest[] => [
  ...hosts.flatMap(({ host, found }) =>
    found.map(
      ({ seen, probeUrl }): AskRequest => ({
        service: service.name,
        host: host.name,
        container: seen.name,
        entry: seen.entry,
        api: apiOf(probeUrl),
        since,
        when: 'plan',
      }),
    ),
  ),
  {
    service: service.name,
    host: FRONT_DOOR,
    container: service.name,
    entry: service.api.container,
    api: null,
    since,
    when: 'plan',
  },
];

const ask = (askService: AskService, requests: readonly AskRequest[]): Promise<readonly ReadyReport[]> =>
  Promise.all(requests.map((request) => askService(request)));

/** One round of questions while planning, so that a wrong password is seen by who approves and not at night. */
export const previewAsks = async (
  observation: Observation,
  { askService, clock, tail }: Pick<Workshop, 'askService' | 'clock' | 'tail'>,
): Promise<Asks> => {
  const { service } = observation;
  const found = allFound(observation);
  if (!askService || !service.ready || found.length === 0) return NONE;
  const reports = await ask(askService, requestsFor(observation, new Date(clock.now()).toISOString()));
  return {
    asks: sentencesFor(service, found),
    askProblems: problemsIn(reports).map((finding) => ({ ...finding, text: tail(finding.text) })),
  };
};
