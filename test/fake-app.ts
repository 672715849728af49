import { idOf } from '../src/app/desk.js';
import { findRun, newestFirst } from '../src/app/open-runs.js';
import type { App, RunRef, UpgradeRequest } from '../src/app.js';
import { identify } from '../src/authority/people.js';
import { parseConfig } from '../src/config.js';
import { fingerprintOf } from '../src/plan/plan.js';
import type { Actor, CloudEvent, RunEvent } from '../src/run/event.js';
import { reduce } from '../src/run/reduce.js';
import { EMPTY, type Run, type State } from '../src/run/run.js';
import { samplePlan } from './builders.js';

/** A run as it was named, with the turn that a click carries. */
const saw = (ref: RunRef): string => (typeof ref === 'string' ? ref : `${ref.id}:t${ref.turn}`);

/** Erin operates, Olga and Adam approve, Vera looks; all have a login, Erin and Olga a Slack id. */
export const fakeConfig = parseConfig(
  `
channel: C012ABCDEF
hosts: [{ name: control1, engine: unix:///run/docker.sock, supervisor: none }]
people:
  - { name: Erin, slack: UERIN, login: erin, roles: [operator] }
  - { name: Olga, slack: UOLGA, login: olga, roles: [approver] }
  - { name: Adam, login: adam, roles: [operator, approver] }
  - { name: Vera, login: vera, roles: [viewer] }
`,
  'fake.yaml',
);

export type FakeApp = App & {
  /** What was asked of it, as `verb who what`. */
  readonly asked: readonly string[];
  /** Journals an event as the runner would. */
  happen(run: string, ...events: readonly RunEvent[]): void;
};

/** An App whose journal is a list in memory and whose runs go on only when a test makes something happen. */
export const fakeApp = (runs: readonly Run[] = []): FakeApp => {
  let state: State = { ...EMPTY, runs: Object.fromEntries(runs.map((run) => [run.id, run])) };
  let clock = Date.parse('2026-11-22T11:00:00.000Z');
  const asked: string[] = [];
  const journal: { run: string; at: string; event: RunEvent }[] = [];
  const listeners = new Set<(run: string | undefined) => void>();
  const now = (): string => {
    clock += 1_000;
    return new Date(clock).toISOString();
  };
  const tell = (run: string | undefined): void => {
    for (const listener of listeners) listener(run);
  };
  const happen = (run: string, ...events: readonly RunEvent[]): void => {
    for (const event of events) {
      const at = now();
      state = reduce(state, { at, run, event });
      journal.push({ run, at, event });
      tell(run);
    }
  };
  const happenToCloud = (event: CloudEvent): void => {
    state = reduce(state, { at: now(), event });
    tell(undefined);
  };
  const run = (id: string): Run => findRun(state, id, undefined);
  const who = (actor: Actor, verb: string, what: string): Actor => {
    const known = identify(fakeConfig, actor);
    asked.push(`${verb} ${known.name} ${what}`);
    return known;
  };
  const decide = async (id: string, event: RunEvent): Promise<Run> => {
    happen(id, event);
    return run(id);
  };
  const words = ({ service, to, overrides }: UpgradeRequest): string =>
    [service, to ?? '', JSON.stringify(overrides)].join(' ');
  return {
    config: fakeConfig,
    asked,
    happen,
    admit: async (actor) => identify(fakeConfig, actor),
    status: async (actor, service) => {
      who(actor, 'status', service ?? 'all');
      return [];
    },
    doctor: async (actor, host) => {
      who(actor, 'doctor', host ?? 'all');
      return { hosts: [{ host: 'control1', tookMs: 40, checks: [] }], cloud: [] };
    },
    plan: async (actor, request) => {
      who(actor, 'plan', words(request));
      return samplePlan({ service: request.service, overrides: request.overrides });
    },
    upgrade: async (actor, request) => {
      const by = who(actor, 'upgrade', words(request));
      const plan = samplePlan({ service: request.service, overrides: request.overrides });
      const id = `r${Object.keys(state.runs).length + 1}`;
      happen(id, {
        kind: 'requested',
        plan,
        fingerprint: fingerprintOf(plan),
        by,
        quorum: 1,
        requesterCounts: false,
        expiresAt: '2026-11-22T11:30:00.000Z',
        onFailure: 'roll-back',
      });
      return run(id);
    },
    approve: (actor, id, fingerprint) => {
      const by = who(actor, 'approve', `${saw(id)} ${fingerprint ?? 'unbound'}`);
      return decide(idOf(id), { kind: 'approved', by, fingerprint: run(idOf(id)).fingerprint });
    },
    withdraw: (actor, id) => decide(idOf(id), { kind: 'withdrawn', by: who(actor, 'withdraw', saw(id)) }),
    review: (actor, id, text) =>
      decide(idOf(id), { kind: 'reviewed', by: who(actor, 'review', `${saw(id)} ${text}`), text }),
    breakGlass: (actor, id, reason) =>
      decide(idOf(id), { kind: 'broke-glass', by: who(actor, 'break-glass', id), reason }),
    reject: (actor, id, reason) =>
      decide(idOf(id), {
        kind: 'rejected',
        by: who(actor, 'reject', saw(id)),
        ...(reason === undefined ? {} : { reason }),
      }),
    cancel: (actor, id) => decide(idOf(id), { kind: 'cancelled', by: who(actor, 'cancel', saw(id)) }),
    rollback: (actor, id, restored) =>
      decide(idOf(id), {
        kind: 'rollback',
        by: who(actor, 'rollback', `${saw(id)} ${restored ?? ''}`.trim()),
        why: 'asked for',
      }),
    finalize: (actor, id) =>
      decide(idOf(id), { kind: 'finalize-approved', by: who(actor, 'finalize', saw(id)) }),
    resume: (actor, id) => decide(idOf(id), { kind: 'resumed', by: who(actor, 'resume', saw(id)) }),
    hold: async (actor, service, reason) => {
      const by = who(actor, 'hold', `${service} ${reason}`);
      happenToCloud({ kind: 'held', service, by, reason });
      return { service, by, reason, at: now() };
    },
    unhold: async (actor, service) =>
      happenToCloud({ kind: 'unheld', service, by: who(actor, 'unhold', service) }),
    history: async (actor, service) => {
      who(actor, 'history', service ?? 'all');
      return newestFirst(state);
    },
    run,
    findRun: (word, threadRun) => findRun(state, word, threadRun),
    eventsOf: async (id) => journal.filter((entry) => entry.run === id),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    settled: async (id) => run(id),
    posted: async () => undefined,
    recover: async () => [],
    close: async () => {
      asked.push('close');
    },
  };
};
