import { type Check, know, mend, well } from '../../src/app/doctor/check.js';
import type { DoctorReport } from '../../src/app/doctor/doctor.js';
import type { Plan } from '../../src/plan/plan.js';
import type { Actor } from '../../src/run/event.js';
import type { Phase } from '../../src/run/phase.js';
import type { Run, StepState } from '../../src/run/run.js';
import type { Random } from '../../src/sim/random.js';
import {
  bystandersOf,
  downtimeOf,
  eventsTo,
  foldRun,
  healthOf,
  migrateOf,
  samplePlan,
  seen,
  swapOf,
} from '../builders.js';

/** Unicode’s general categories. */
export const ALL_KINDS =
  'Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co Cn'.split(' ');

/** The first characters of each of Unicode's 30 kinds, below and above U+FFFF. */
export const everyKind = (): string =>
  ALL_KINDS.flatMap((kind) => {
    const matches = new RegExp(`^\\p{${kind}}$`, 'u');
    return [0x20, 0xa0, 0x1_00_00].flatMap((from) => {
      for (let point = from; point < from + 0x1_00_00 && point < 0x11_00_00; point += 1)
        if (matches.test(String.fromCodePoint(point))) return [String.fromCodePoint(point)];
      return [];
    });
  }).join('');

/** What programs print, images are called and people write to make a message something else than it is. */
const TEXTS: readonly string[] = [
  '',
  ' ',
  'no answer within 10 s',
  '<!channel> <!here> <!everyone> <!subteam^S012ABCDE|ops>',
  '<@U012ABCDE> approved',
  '<https://evil.example|Finalize>',
  '*Approved* by _Olga_ ~not~ `code` ```fence```',
  '> quoted\n>>> all of it',
  ':white_check_mark: done',
  '\u202Eecin\u202C \u2066x\u2069 \u200B\uFEFF',
  '\u001b[31mERROR\u001b[0m \u001b]8;;http://evil.example\u0007link\u001b]8;;\u0007',
  '\u0000\u0007\u0008\u007f\u0085\u2028\u2029',
  '\ud800 half a pair \udfff',
  '👩‍👩‍👧‍👦'.repeat(300),
  'ﷺ'.repeat(700),
  '&<>'.repeat(1_400),
  'word '.repeat(1_200),
  'x'.repeat(4_100),
  `Traceback\n${'  File "/usr/lib/python3/dist-packages/cinder/db/api.py", line 1, in upgrade\n'.repeat(60)}`,
  '\n'.repeat(500),
  everyKind(),
  '{"type":"actions","elements":[{"type":"button","action_id":"stackswap:approve","value":"r1"}]}',
];

const textOf = (random: Random): string =>
  Array.from({ length: random.between(1, 3) }, () => random.pick(TEXTS)).join(random.pick([' ', '\n', '']));

const nameOf = (random: Random): string =>
  random.pick(['cinder_api', 'a', 'n'.repeat(255), 'ctl-0001.region-one.cloud.example.org', textOf(random)]);

const some = <T>(random: Random, most: number, make: (at: number) => T): T[] =>
  Array.from({ length: random.pick([0, 1, 2, random.between(0, most)]) }, (_none, at) => make(at));

const actorOf = (random: Random): Actor => ({
  id: random.pick(['U012ABC', 'erin', '<!here>', 'W9']),
  name: textOf(random).slice(0, 400),
  door: random.pick(['slack', 'cli', 'bot']),
});

const ENTRIES = ['cinder_scheduler', 'cinder_volume', 'cinder_api'];

/** A plan over few or very many hosts, with whatever a plan can hold. */
export const extremePlan = (random: Random, hosts = random.pick([1, 2, 30])): Plan => {
  const names = Array.from({ length: hosts }, (_none, at) =>
    random.chance(0.7) ? `ctl${at}` : `${nameOf(random).slice(0, 250)}${at}`,
  );
  const tag = random.pick(['2025.2', 't'.repeat(128), 'master-ubuntu-noble']);
  const swaps = names.flatMap((host) =>
    ENTRIES.map((entry) =>
      swapOf(entry, {
        old: { ...seen(entry, { host }), name: random.chance(0.9) ? entry : nameOf(random) },
        ...(random.chance(0.3)
          ? { owner: { kind: 'unit' as const, unit: `kolla-${entry}-container.service` } }
          : {}),
      }),
    ),
  );
  const migrate = migrateOf({ runs: random.pick(['cinder-manage db sync', textOf(random)]) });
  return samplePlan({
    service: random.pick(['cinder', 'cinder', nameOf(random)]),
    from: { release: random.pick(['2025.1', null]), tags: some(random, 40, () => nameOf(random)) },
    to: { release: random.pick(['2025.2', null]), tag },
    steps: [migrate, ...swaps],
    finalize: [
      { kind: 'settle', seconds: 30, why: textOf(random) },
      ...swaps.map(({ old }, at) => ({
        kind: 'retire' as const,
        host: old.host,
        name: old.name,
        index: 1 + at,
      })),
    ],
    rollbackClass: random.pick(['A', 'B', 'C', 'D', 'E']),
    hazards: some(random, 30, () => textOf(random)),
    findings: some(random, 80, (at) => ({
      code: 'image-differs',
      level: at % 3 === 0 ? ('block' as const) : ('warn' as const),
      text: textOf(random),
      ...(random.chance(0.5) ? { wayOut: textOf(random) } : {}),
    })),
    overrides: random.chance(0.5) ? { jump: textOf(random), backup: textOf(random) } : {},
    earlierDowntimeMs: some(random, 20, () => random.int(10_000_000)),
    asks: some(random, 20, () => textOf(random)),
    configDiffs: some(random, 8, (at) => ({
      host: names[at % names.length] ?? 'ctl0',
      container: nameOf(random),
      files: some(random, 4, () => ({
        path: nameOf(random),
        change: random.pick(['added', 'changed', 'stays, unused', 'stays, used'] as const),
        lines: some(random, 30, () => `+${textOf(random)}`),
      })),
    })),
  });
};

const stateOf = (random: Random, state: StepState, plan: Plan, index: number): StepState => {
  if (random.chance(0.9)) return state;
  const step = plan.steps[index];
  const host = step && 'host' in step ? step.host : 'ctl0';
  return {
    ...state,
    why: textOf(random),
    lastCall: textOf(random),
    tail: textOf(random),
    keptLog: textOf(random),
    logFile: 'logs/r1-0.log',
    health: healthOf(nameOf(random), {
      host,
      outcome: random.pick(['healthy', 'unhealthy', 'inconclusive']),
      probes: some(random, 8, () => ({
        probe: 'http' as const,
        verdict: 'ill' as const,
        why: textOf(random),
      })),
    }),
    downtime: downtimeOf({ host, target: textOf(random), openEnd: true }),
    ready: {
      host,
      container: nameOf(random),
      ready: random.chance(0.5),
      tookMs: random.int(1e9),
      asked: some(random, 20, () => ({
        what: textOf(random),
        verdict: 'ill' as const,
        why: textOf(random),
      })),
      ...(random.chance(0.3) ? { unasked: textOf(random) } : {}),
    },
  };
};

const glassOf = (
  random: Random,
  { lastEventAt: at }: Run,
): Pick<Run, 'brokeGlass' | 'review' | 'reviewDue'> => ({
  brokeGlass: { by: actorOf(random), reason: textOf(random), at },
  ...(random.chance(0.5) ? { review: { by: actorOf(random), text: textOf(random), at } } : {}),
  ...(random.chance(0.5) ? { reviewDue: true } : {}),
});

const checkOf = (random: Random): Check => {
  const code = random.pick(['disk', 'reach', 'clock', 'units']);
  const words = { what: textOf(random), why: textOf(random), wayOut: textOf(random) };
  return random.pick([() => well(code, words.what), () => know(code, words), () => mend(code, words)])();
};

/** A doctor's report in which some findings are shared by many hosts, and others are each host's own. */
export const extremeReport = (random: Random, hosts: number): DoctorReport => {
  const shared = some(random, 10, () => checkOf(random));
  return {
    hosts: Array.from({ length: hosts }, (_none, at) => ({
      host: `${nameOf(random).slice(0, 250)}${at}`,
      tookMs: random.int(1e6),
      checks: [...shared, ...some(random, 4, () => checkOf(random))],
    })),
    cloud: some(random, 12, () => checkOf(random)),
  };
};

/** A run in a phase, whose texts are as bad as texts can be. */
export const extremeRun = (random: Random, phase: Phase, plan: Plan = extremePlan(random)): Run => {
  const run = foldRun(eventsTo(phase, { plan, quorum: random.pick([1, 2]), by: actorOf(random) }));
  return {
    ...run,
    approvals: some(random, 30, () => actorOf(random)),
    finalizeApprovals: some(random, 30, () => actorOf(random)),
    steps: run.steps.map((state, index) => stateOf(random, state, plan, index)),
    ...(run.asked ? { asked: { ...run.asked, why: textOf(random) } } : {}),
    ...(run.why === undefined ? {} : { why: textOf(random) }),
    ...(run.commands ? { commands: some(random, 40, () => textOf(random)) } : {}),
    ...(run.decisionReason === undefined ? {} : { decisionReason: textOf(random) }),
    ...(run.rollback ? { rollback: { ...run.rollback, by: actorOf(random), why: textOf(random) } } : {}),
    notes: some(random, 60, () => ({ at: run.lastEventAt, text: textOf(random) })),
    compared: some(random, 60, () => ({
      host: nameOf(random),
      name: nameOf(random),
      differences: some(random, 20, () => textOf(random)),
    })),
    ...(random.chance(0.5) ? glassOf(random, run) : {}),
    bystanders: bystandersOf({
      changed: some(random, 300, () => nameOf(random)),
      failed: some(random, 300, () => nameOf(random)),
    }),
  };
};

export { actorOf, textOf };
