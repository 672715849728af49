import pino from 'pino';
import { vi } from 'vitest';
import { idOf } from '../../src/app/desk.js';
import type { App } from '../../src/app.js';
import type { Config } from '../../src/config.js';
import { configSchema } from '../../src/config.js';
import { Refusal } from '../../src/errors.js';
import { fingerprintOf } from '../../src/plan/plan.js';
import type { Entry, RunEvent } from '../../src/run/event.js';
import { reduce } from '../../src/run/reduce.js';
import { EMPTY, type State } from '../../src/run/run.js';
import { samplePlan } from '../builders.js';

export const CHANNEL = 'C0OPS';

export const testConfig = (change: Record<string, unknown> = {}): Config =>
  configSchema.parse({
    channel: CHANNEL,
    hosts: [{ name: 'control1', engine: 'sim:' }],
    people: [
      { name: 'Erin', slack: 'U0ERIN', roles: ['operator', 'approver'] },
      { name: 'Olga', slack: 'U0OLGA', roles: ['approver'] },
    ],
    ...change,
  });

const notThere = (name: string) => async (): Promise<never> => {
  throw new Error(`the fake app has no ${name}`);
};

/** What a bot's log said, line by line. */
export const keptLog = () => {
  const lines: Record<string, unknown>[] = [];
  const log = pino(
    { level: 'debug', base: null },
    { write: (line: string) => void lines.push(JSON.parse(line)) },
  );
  return { log, lines };
};

/**
 * An app without engines: a journal in memory, and of the decisions those that Slack's tests make. Give it the events
 * of an earlier one, and it is that one after a restart.
 */
export const fakeApp = ({
  config = testConfig(),
  earlier = [],
}: {
  config?: Config;
  earlier?: readonly Entry[];
} = {}) => {
  const entries: Entry[] = [];
  const listeners = new Set<(run: string | undefined) => void>();
  let state: State = EMPTY;
  let time = Date.now();

  const add = (entry: Entry): void => {
    state = reduce(state, entry);
    entries.push(entry);
  };
  earlier.forEach(add);

  const run = (id: string) => {
    const found = state.runs[id];
    if (!found) throw new Refusal('unknown-run', `There is no run "${id}".`, 'See: history.');
    return found;
  };

  const append = (id: string, ...events: readonly RunEvent[]): void => {
    for (const event of events) {
      time += 1;
      add({ at: new Date(time).toISOString(), run: id, event });
      for (const listener of listeners) listener(id);
    }
  };

  const app: App = {
    config,
    run,
    findRun: (word, threadRun) => run(word ?? threadRun ?? 'no run'),
    history: async () => Object.values(state.runs).reverse(),
    eventsOf: async (id) =>
      entries.flatMap((entry) => (entry.run === id ? [{ at: entry.at, event: entry.event }] : [])),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    posted: async (id, slot, place) => append(id, { kind: 'posted', slot, ...place }),
    settled: async (id) => run(id),
    admit: async (actor) => actor,
    status: async () => [],
    doctor: async () => ({ hosts: [], cloud: [] }),
    upgrade: async (by) => {
      const plan = samplePlan();
      append('r1', {
        kind: 'requested',
        plan,
        fingerprint: fingerprintOf(plan),
        by,
        quorum: 1,
        requesterCounts: false,
        expiresAt: '2036-11-22T10:30:00.000Z',
        onFailure: 'roll-back',
      });
      return run('r1');
    },
    approve: async (by, ref) => {
      const id = idOf(ref);
      if (typeof ref !== 'string' && ref.turn !== run(id).turn)
        throw new Refusal('stale-click', `The run ${id} has moved on.`, 'See its thread.');
      if (run(id).phase !== 'proposed')
        throw new Refusal('not-now', `The run ${id} is decided.`, 'See its thread.');
      if (run(id).requestedBy.id === by.id)
        throw new Refusal(
          'own-request',
          `${by.name} asked for this upgrade.`,
          'Somebody else has to approve.',
        );
      append(id, { kind: 'approved', by, fingerprint: run(id).fingerprint });
      return run(id);
    },
    hold: async (by, service, reason) => ({ service, by, reason, at: new Date(time).toISOString() }),
    unhold: async () => undefined,
    plan: notThere('plan'),
    withdraw: notThere('withdraw'),
    breakGlass: notThere('breakGlass'),
    review: notThere('review'),
    reject: notThere('reject'),
    cancel: notThere('cancel'),
    rollback: notThere('rollback'),
    finalize: notThere('finalize'),
    resume: notThere('resume'),
    recover: async () => [],
    close: async () => undefined,
  };
  return { app, append, entries };
};

export type FakeApp = ReturnType<typeof fakeApp>;

/** Waits until a condition holds, looking often; fails with the expectation's own message. */
export const soon = <T>(check: () => T | Promise<T>, timeout = 5_000): Promise<T> =>
  vi.waitFor(check, { timeout, interval: 10 });
