import type { ServiceStatus } from '../app.js';
import type { Block, Line, Reply } from '../command.js';
import type { Finding } from '../plan/plan.js';
import type { Hold, Run } from '../run/run.js';
import { decisionButtons, runButtons } from './buttons.js';
import { listBlocks } from './list.js';
import { findingLines } from './plan.js';
import { stateWords } from './state.js';
import { count, fromTo, listed, oneLine, sentence, tagOf } from './words.js';

type Container = ServiceStatus['containers'][number];

const isWell = ({ state, health }: Container): boolean =>
  state === 'running' && health !== 'unhealthy' && health !== 'starting';

/** What the engine says of a container: its health where it has a check, else its state. */
const conditionOf = ({ state, health }: Container): string =>
  state !== 'running' || health === '' || health === 'none' ? state : `${state}, ${health}`;

const wellWords = (containers: readonly Container[]): string =>
  containers.length === 0 ? 'none found' : `${containers.filter(isWell).length} of ${containers.length} well`;

const runWords = ({ run, hold }: ServiceStatus): string => {
  const words = [run ? `${run.id}: ${stateWords(run)}` : '', hold ? 'on hold' : ''].filter(
    (word) => word !== '',
  );
  return words.join('; ');
};

const overview = (statuses: readonly ServiceStatus[]): Block => ({
  kind: 'table',
  header: ['Service', 'Release', 'Containers', 'Run or hold'],
  rows: statuses.map((status) => [
    status.service.name,
    listed(status.releases) || 'unknown',
    wellWords(status.containers),
    runWords(status),
  ]),
});

const containerTable = ({ containers }: ServiceStatus): readonly Block[] =>
  containers.length === 0
    ? []
    : [
        {
          kind: 'table',
          header: ['Container', 'Host', 'Tag', 'State'],
          rows: containers.map((one) => [one.name, one.host, tagOf(one.imageRef), conditionOf(one)]),
        },
      ];

export const holdLine = (hold: Hold): Line => [
  { bold: `${hold.service} is on hold` },
  ', by ',
  { person: hold.by },
  ' at ',
  { time: hold.at },
  `: ${sentence(oneLine(hold.reason))} `,
  { code: `unhold ${hold.service}` },
  ' releases it.',
];

/** What can be said about a run now: what its buttons stand for. */
const waysOn = (run: Run): Line => {
  const verbs = [...decisionButtons(run), ...runButtons(run)].map(({ verb }) => ({
    code: `${verb} ${run.id}`,
  }));
  return verbs.length === 0
    ? []
    : [' Now: ', ...verbs.flatMap((verb, at) => (at === 0 ? [verb] : [', ', verb])), '.'];
};

const runLine = ({ run }: ServiceStatus): readonly Line[] =>
  run
    ? [
        [
          { bold: `${run.plan.service} ${fromTo(run.plan)}` },
          ': ',
          stateWords(run),
          '. Run ',
          { code: run.id },
          ', asked for by ',
          { person: run.requestedBy },
          '.',
          ...waysOn(run),
        ],
      ]
    : [];

const unreachableLines = (statuses: readonly ServiceStatus[]): readonly Line[] => {
  const hosts = new Map(
    statuses.flatMap((status) => status.unreachable.map(({ host, why }) => [host, why] as const)),
  );
  return [...hosts].map(([host, why]) => [
    { bold: `${host} does not answer` },
    `: ${sentence(oneLine(why))} What runs there is not known.`,
  ]);
};

/** A host that does not answer is said once, and not for each service. */
const isNews = ({ code }: Finding): boolean => code !== 'host-unreachable';

const summaryOf = (statuses: readonly ServiceStatus[], down: number): string => {
  const [only] = statuses;
  if (statuses.length === 1 && only)
    return `${only.service.name}: ${listed(only.releases) || 'release unknown'}, ${wellWords(only.containers)}.`;
  const containers = statuses.flatMap((status) => status.containers);
  const open = statuses.filter((status) => status.run).length;
  const hosts = down > 0 ? ` ${count(down, 'host')} did not answer.` : '';
  return `${count(statuses.length, 'service')}, ${wellWords(containers)}; ${count(open, 'open run')}.${hosts}`;
};

/** What runs now, on hold, unfinalized or out of reach; one service with its containers. */
export const statusView = (statuses: readonly ServiceStatus[]): Reply => {
  const [only] = statuses;
  const down = unreachableLines(statuses);
  const details = statuses.length === 1 && only ? containerTable(only) : [overview(statuses)];
  return {
    summary: summaryOf(statuses, down.length),
    blocks: [
      { kind: 'line', line: [summaryOf(statuses, down.length)] },
      ...(statuses.length === 0 ? [] : details),
      ...listBlocks([
        ...down,
        ...statuses.flatMap((status) => (status.hold ? [holdLine(status.hold)] : [])),
        ...statuses.flatMap(runLine),
        ...statuses.flatMap((status) => findingLines(status.findings.filter(isNews))),
      ]),
    ],
  };
};
