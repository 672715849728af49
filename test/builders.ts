import {
  fingerprintOf,
  type MigrateStep,
  type Plan,
  type SeenContainer,
  type SwapStep,
} from '../src/plan/plan.js';
import type { Actor, BystanderReport, DowntimeReport, HealthReport, RunEvent } from '../src/run/event.js';
import type { Phase } from '../src/run/phase.js';
import { reduce } from '../src/run/reduce.js';
import { EMPTY, type Run } from '../src/run/run.js';

/** Erin asks; Olga and Adam approve; Vera only looks. */
export const erin: Actor = { id: 'erin', name: 'Erin', door: 'slack' };
export const olga: Actor = { id: 'olga', name: 'Olga', door: 'slack' };
export const adam: Actor = { id: 'adam', name: 'Adam', door: 'cli' };
export const vera: Actor = { id: 'vera', name: 'Vera', door: 'slack' };
export const theBot: Actor = { id: 'stackswap', name: 'Stackswap', door: 'bot' };

const REGISTRY = 'registry.example/openstack.kolla';
const digit = (text: string): string =>
  [...text]
    .reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 0xfffffff, 7)
    .toString(16)
    .padStart(8, '0');

/** 64 hexadecimal digits, always the same for the same words. */
export const idOf = (words: string): string => digit(words).repeat(8);

/** A container as seen on a host; `entry` is its name in the catalogue. */
export const seen = (entry: string, { host = 'control1', tag = '2025.1' } = {}): SeenContainer => ({
  host,
  name: entry,
  entry,
  id: idOf(`${host}/${entry}`),
  imageRef: `${REGISTRY}/${entry.replaceAll('_', '-')}:${tag}`,
  imageId: `sha256:${idOf(`${entry}:${tag}`)}`,
  identity: `sha256:${idOf(`${entry}@${tag}`)}`,
  configHash: idOf(`config of ${entry}`),
  restartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 },
});

const targetOf = (entry: string, tag: string) => ({
  ref: `${REGISTRY}/${entry.replaceAll('_', '-')}:${tag}`,
  digest: `sha256:${idOf(`${entry}@${tag}`)}`,
});

export const swapOf = (entry: string, change: Partial<SwapStep> = {}): SwapStep => ({
  kind: 'swap',
  old: seen(entry),
  target: targetOf(entry, '2025.2'),
  graceSeconds: 60,
  probeUrl: entry.endsWith('_api') ? 'http://192.0.2.11:8776/healthcheck' : null,
  expect: [200],
  ...change,
});

export const migrateOf = (change: Partial<MigrateStep> = {}): MigrateStep => ({
  kind: 'migrate',
  host: 'control1',
  like: seen('cinder_api'),
  target: targetOf('cinder_api', '2025.2'),
  name: 'bootstrap_cinder',
  phase: 'expand',
  env: ['KOLLA_BOOTSTRAP'],
  runs: 'cinder-manage db sync',
  revision: ['cinder-manage', 'db', 'version'],
  oneWay: false,
  ...change,
});

/**
 * Cinder from 2025.1 to 2025.2 on one host. Steps: 0-2 pull, 3 migrate, 4 scheduler, 5 volume, 6 API.
 * Finalize: settle, restart of the API, online migration, three removals.
 */
export const samplePlan = (change: Partial<Plan> = {}): Plan => {
  const entries = ['cinder_scheduler', 'cinder_volume', 'cinder_api'];
  return {
    version: 1,
    service: 'cinder',
    from: { release: '2025.1', tags: ['2025.1'] },
    to: { release: '2025.2', tag: '2025.2' },
    crossesRelease: true,
    steps: [
      ...entries.map((entry) => ({
        kind: 'pull' as const,
        host: 'control1',
        target: targetOf(entry, '2025.2'),
      })),
      migrateOf(),
      ...entries.map((entry) => swapOf(entry)),
    ],
    finalize: [
      {
        kind: 'settle',
        seconds: 30,
        why: 'service versions must reach the database before RPC pins are lifted',
      },
      {
        kind: 'restart',
        host: 'control1',
        name: 'cinder_api',
        index: 6,
        graceSeconds: 80,
        probeUrl: 'http://192.0.2.11:8776/healthcheck',
        expect: [200],
      },
      migrateOf({ phase: 'online', env: ['KOLLA_OSM'], runs: 'cinder-manage db online_data_migrations' }),
      ...entries.map((name, at) => ({ kind: 'retire' as const, host: 'control1', name, index: 4 + at })),
    ],
    rollbackClass: 'B',
    hazards: ['SIGTERM lets a running copy, backup or migration end; one that outlasts the grace is killed.'],
    findings: [],
    overrides: {},
    earlierDowntimeMs: [],
    ...change,
  };
};

export const healthOf = (container: string, change: Partial<HealthReport> = {}): HealthReport => ({
  host: 'control1',
  container,
  outcome: 'healthy',
  tookMs: 12_300,
  probes: [
    { probe: 'healthcheck', verdict: 'well', why: 'exit code 0', wellAfterMs: 2_100 },
    { probe: 'http', verdict: 'well', why: '200 from /healthcheck', wellAfterMs: 3_400 },
    { probe: 'steady', verdict: 'well', why: 'not restarted', wellAfterMs: 0 },
  ],
  ...change,
});

export const downtimeOf = (change: Partial<DowntimeReport> = {}): DowntimeReport => ({
  host: 'control1',
  target: 'cinder API',
  reachable: true,
  longestGapMs: 4_200,
  resolutionMs: 50,
  good: 480,
  bad: 84,
  ...change,
});

export const bystandersOf = (change: Partial<BystanderReport> = {}): BystanderReport => ({
  watched: 17,
  changed: [],
  failed: [],
  apis: [{ service: 'keystone', host: 'control1', before: true, after: true }],
  ...change,
});

type Part = 'steps' | 'finalize';

const stepDone = (part: Part, index: number, between: readonly RunEvent[] = []): RunEvent[] => [
  { kind: 'step-started', part, index },
  ...between,
  { kind: 'step-done', part, index, ms: 1_500 },
];

const insideOf = (plan: Plan, part: Part, index: number): RunEvent[] => {
  const step = plan[part][index];
  if (step?.kind === 'migrate')
    return [
      { kind: 'revision', part, index, at: 'before', revision: 'c92a3e68beed' },
      { kind: 'migrated', part, index, exitCode: 0, tail: 'INFO [alembic] done', ms: 2_000 },
      { kind: 'revision', part, index, at: 'after', revision: '9c74c1c6971f' },
    ];
  if (step?.kind !== 'swap') return [];
  const { host, name, entry } = step.old;
  return [
    { kind: 'call', part, index, host, op: 'create', target: `${name}__swap_r1` },
    { kind: 'created', part, index, host, name: `${name}__swap_r1`, id: idOf(`new ${name}`) },
    { kind: 'health', part, index, report: healthOf(entry) },
    ...(step.probeUrl ? [{ kind: 'downtime' as const, part, index, report: downtimeOf() }] : []),
  ];
};

/** Events of all steps of a part, each done, in order; the first `count` only where that is given. */
export const stepsDone = (plan: Plan, part: Part = 'steps', count = plan[part].length): RunEvent[] =>
  plan[part].slice(0, count).flatMap((_step, index) => stepDone(part, index, insideOf(plan, part, index)));

export type RunChoices = {
  readonly plan?: Plan;
  readonly id?: string;
  /** At most 2: Olga, then Adam, approve. */
  readonly quorum?: number;
  readonly requesterCounts?: boolean;
  readonly by?: Actor;
  /** Appended after the events that lead to the phase. */
  readonly after?: readonly RunEvent[];
};

const endings = (plan: Plan): RunEvent[] => [
  { kind: 'bystanders', report: bystandersOf() },
  ...plan.steps.flatMap((step) =>
    step.kind === 'swap'
      ? [{ kind: 'compared' as const, host: step.old.host, name: step.old.name, differences: [] }]
      : [],
  ),
];

/** For each phase, what the journal of a run in it would hold. */
const trailTo = (
  plan: Plan,
  quorum: number,
  start: readonly RunEvent[],
): Record<Phase, () => readonly RunEvent[]> => {
  const fingerprint = fingerprintOf(plan);
  const approvers = [olga, adam].slice(0, Math.max(1, quorum));
  const approved: readonly RunEvent[] = [
    ...start,
    ...approvers.map((by) => ({ kind: 'approved' as const, by, fingerprint })),
  ];
  const half: readonly RunEvent[] = [
    ...approved,
    { kind: 'started' },
    ...stepsDone(plan, 'steps', plan.steps.length - 1),
    { kind: 'step-started', part: 'steps', index: plan.steps.length - 1 },
    {
      kind: 'call',
      part: 'steps',
      index: plan.steps.length - 1,
      host: 'control1',
      op: 'stop',
      target: 'cinder_api',
    },
  ];
  const back: readonly RunEvent[] = [
    ...half,
    { kind: 'rollback', by: theBot, why: 'cinder_api did not become healthy' },
  ];
  const undone: readonly RunEvent[] = plan.steps.flatMap((step, index) =>
    step.kind === 'swap'
      ? [
          { kind: 'undone' as const, index, ms: 1_200 },
          {
            kind: 'health' as const,
            part: 'steps' as const,
            index,
            report: healthOf(step.old.entry, { tookMs: 3_000 }),
          },
        ]
      : [],
  );
  const up: readonly RunEvent[] = [
    ...approved,
    { kind: 'started' },
    ...stepsDone(plan),
    ...endings(plan),
    { kind: 'upgraded', ms: 95_000 },
  ];
  const finalizing: readonly RunEvent[] = [
    ...up,
    { kind: 'finalize-approved', by: olga },
    { kind: 'finalizing' },
  ];
  return {
    proposed: () => start,
    approved: () => approved,
    running: () => half,
    paused: () => [
      ...half,
      { kind: 'asked', why: 'cinder_api is inconclusive', choices: ['resume', 'rollback'] },
    ],
    interrupted: () => [...half, { kind: 'interrupted' }],
    'rolling-back': () => back,
    stuck: () => [
      ...back,
      {
        kind: 'stuck',
        why: 'control1 does not answer',
        commands: ['docker rename cinder_api__prev_r1 cinder_api', 'docker start cinder_api'],
      },
    ],
    upgraded: () => up,
    finalizing: () => finalizing,
    'finalize-failed': () => [
      ...finalizing,
      { kind: 'finalize-failed', why: 'the online migration ended with exit code 1' },
    ],
    finalized: () => [...finalizing, ...stepsDone(plan, 'finalize'), { kind: 'finalized', ms: 41_000 }],
    'rolled-back': () => [...back, ...undone, ...endings(plan), { kind: 'rolled-back', ms: 6_400 }],
    rejected: () => [...start, { kind: 'rejected', by: olga, reason: 'not during the day' }],
    cancelled: () => [...start, { kind: 'cancelled', by: erin }],
    expired: () => [...start, { kind: 'expired' }],
    voided: () => [...approved, { kind: 'voided', why: 'cinder_api was recreated since the plan was made' }],
    abandoned: () => [
      ...finalizing,
      { kind: 'finalize-failed', why: 'the online migration ended with exit code 1' },
      { kind: 'abandoned', by: erin },
    ],
    failed: () => [
      ...approved,
      { kind: 'started' },
      { kind: 'failed', why: 'control1: pull: manifest unknown' },
    ],
  };
};

/** The journal of a run that ends in the phase. */
export const eventsTo = (
  phase: Phase,
  { plan = samplePlan(), quorum = 1, requesterCounts = false, by = erin, after = [] }: RunChoices = {},
): readonly RunEvent[] => {
  const requested: RunEvent = {
    kind: 'requested',
    plan,
    fingerprint: fingerprintOf(plan),
    by,
    quorum,
    requesterCounts,
    expiresAt: '2026-11-22T10:30:00.000Z',
    onFailure: 'roll-back',
  };
  return [...trailTo(plan, quorum, [requested])[phase](), ...after];
};

/** Folds events as the journal would, the first at 10:00:00 UTC and each a second after the other. */
export const foldRun = (events: readonly RunEvent[], id = 'r1'): Run => {
  const start = Date.parse('2026-11-22T10:00:00.000Z');
  const state = events.reduce(
    (folded, event, at) => reduce(folded, { at: new Date(start + at * 1_000).toISOString(), run: id, event }),
    EMPTY,
  );
  const run = state.runs[id];
  if (!run) throw new Error('the events do not begin with a request');
  return run;
};

/** A run in a phase, made by folding the events that lead there. */
export const runAt = (phase: Phase, choices: RunChoices = {}): Run =>
  foldRun(eventsTo(phase, choices), choices.id ?? 'r1');
