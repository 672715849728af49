import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { buildApp } from '../../src/build-app.js';
import { configSchema } from '../../src/config.js';
import { dockerEngine } from '../../src/engine/docker.js';
import type { Engine } from '../../src/engine/port.js';
import { unitOf } from '../../src/engine/units.js';
import { createLog } from '../../src/log.js';
import { redactor } from '../../src/redact.js';
import type { Journal } from '../../src/run/journal.js';
import {
  type Call,
  type FaultSession,
  faultSession,
  faultyEngine,
  faultyUnits,
} from '../../src/sim/faults.js';
import { memoryJournal } from '../../src/store/memory.js';
import type { RealDocker } from '../engine/real-docker.js';
import { ANN, BOB, type Life } from '../run/scene.js';
import { runningTogether } from './events.js';
import type { Park } from './park.js';
import { createService } from './service.js';

/**
 * Who ends the process. `unit-short`: the unit gives less than the catalogue's 60 s, so that the engine is asked first
 * and the unit afterwards. Where the unit is not meant to end it, it gives less than the program needs.
 */
export type Kind = 'unit' | 'unit-short' | 'rename-first';

export const SERVICE = 'cinder_scheduler';
export const OLD = '2025.1-a';
export const NEW = '2025.1-b';

/** One container under a unit of its own, and a bot that sees nothing else. */
export type Case = {
  readonly word: string;
  readonly kind: Kind;
  readonly prefix: string;
  readonly name: string;
  readonly unit: string;
  readonly session: FaultSession;
  readonly kept: Journal;
};

const PEOPLE = [
  { name: 'Ann', slack: ANN.id, roles: ['operator'] },
  { name: 'Bob', slack: BOB.id, roles: ['approver'] },
];

export const caseOf = (real: RealDocker, word: string, kind: Kind): Case => {
  const prefix = real.name(`${word}-`);
  const name = `${prefix}${SERVICE}`;
  return {
    word,
    kind,
    prefix,
    name,
    unit: unitOf(name),
    session: faultSession(),
    kept: memoryJournal(),
  };
};

/** What `installUnits` makes its unit from. */
export const unitTimesOf = ({ name, kind }: Case) => ({
  name,
  ...(kind === 'unit' ? {} : { stopSeconds: 1 }),
});

const silent = createLog({ level: 'error', redact: redactor(), destination: { write: () => undefined } });

/** A test machine is busier than a host may be. */
const DEADLINES = { look: 60_000, change: 60_000 };

/** Every look of a bot inspects all containers; the other cases' only cost time. */
const engineFor = ({ prefix }: Case, socketPath: string): Engine => {
  const engine = dockerEngine({ host: 'node1', address: { socketPath }, deadlines: DEADLINES });
  return {
    ...engine,
    list: async () => (await engine.list()).filter(({ name }) => name.startsWith(prefix)),
  };
};

/** Nothing is appended by a dead process, nor by one of an earlier life that is still on its way out. */
const mortalJournal = ({ kept, session }: Case): Journal => {
  const { life } = session;
  const alive = (): void => {
    if (session.crash) throw session.crash;
    if (session.life !== life) throw new Error(`life ${life} has ended`);
  };
  return {
    ...kept,
    append: async (run, event) => {
      alive();
      await kept.append(run, event);
    },
    appendCloud: async (event) => {
      alive();
      await kept.appendCloud(event);
    },
  };
};

/** The next life of the bot of a case: the crash is over, and handles of the life before stay dead. */
export const bornInto = async (one: Case, { real, units }: Pick<Park, 'real' | 'units'>): Promise<Life> => {
  one.session.crash = undefined;
  one.session.hook = undefined;
  one.session.life += 1;
  const around = {
    session: one.session,
    now: Date.now,
    hang: () => sleep(100),
    find: () => undefined,
  };
  const config = configSchema.parse({
    channel: 'C0SYSTEMD',
    hosts: [
      {
        name: 'node1',
        engine: `unix://${real.socketPath}`,
        container_prefix: one.prefix,
      },
    ],
    people: PEOPLE,
    health: { interval: '200ms', successes: 2, minimum: '300ms', deadline: '20s' },
    settle: '0ms',
    disk_free: { gigabytes: 0 },
  });
  const journal = mortalJournal(one);
  const app = await buildApp({
    config,
    log: silent,
    redactor: redactor(),
    journal,
    engines: new Map([['node1', faultyEngine(engineFor(one, real.socketPath), around)]]),
    ...(one.kind === 'rename-first' ? {} : { units: new Map([['node1', faultyUnits(units, around)]]) }),
    patience: { tries: 5, pauseMs: 200, maxPauseMs: 2_000 },
  });
  await app.recover();
  return { app, journal };
};

/** From here on one mutating call goes wrong, or none. */
export const inject = ({ session }: Case, hook?: FaultSession['hook']): void => {
  session.hook = hook;
  session.count = 0;
  session.countMutating = 0;
};

/** The container as kolla-ansible leaves it, under a unit that is installed and enabled already; started. */
export const stage = async (one: Case, { real, units }: Pick<Park, 'real' | 'units'>): Promise<string> => {
  const id = await createService(real, {
    name: one.name,
    image: `cinder-scheduler:${OLD}`,
    env: { EXIT_SECONDS: one.kind === 'unit' ? 0 : 3 },
  });
  await units.start(one.unit);
  for (let looks = 0; looks < 150; looks += 1) {
    if ((await real.engine.inspect(id))?.State.Running) return id;
    await sleep(200);
  }
  throw new Error(`${one.unit} did not start ${one.name}`);
};

/** All mutating calls so far, in order. */
export const callsOf = ({ session }: Case): readonly Call[] => session.calls.map(({ call }) => call);

const byName = (a: string, b: string): number => a.localeCompare(b);

/** Containers of a case as `name tag running`, the run's own names without its id. */
export const standing = async (
  { prefix }: Case,
  { real }: Pick<Park, 'real'>,
): Promise<readonly string[]> => {
  const listed = (await real.engine.list()).filter(({ name }) => name.startsWith(prefix));
  const seen = await Promise.all(listed.map(({ id }) => real.engine.inspect(id)));
  return seen
    .flatMap((one) => (one ? [one] : []))
    .map(({ Name, Config, State }) => {
      const name = Name.slice(1 + prefix.length).replace(/_r[0-9a-f]{8}$/, '');
      return `${name} ${Config.Image?.split(':').at(-1)} ${State.Running ? 'running' : 'stopped'}`;
    })
    .sort(byName);
};

/**
 * Containers that served and were ended by SIGKILL. Only the first end of each counts: what its unit starts again while
 * it is told to stop may meet the unit's own short time.
 */
export const killed = ({ name }: Case, { events }: Pick<Park, 'events'>): readonly string[] => {
  const ends = events.of(name).filter(({ what }) => what === 'die');
  return ends
    .filter((one, index) => index === ends.findIndex(({ id }) => id === one.id) && one.exitCode !== 0)
    .map((one) => `${one.name}: ${one.exitCode}`);
};

/**
 * One version runs under the name, its unit is active and really has it (told to stop, it ends it), no two ran at once
 * in between, and only the old one of an upgrade is kept. The case is over then: its containers are removed.
 */
export const expectAtRest = async (one: Case, park: Park, tag: typeof OLD | typeof NEW): Promise<void> => {
  const kept = tag === NEW ? [`${SERVICE}__prev ${OLD} stopped`] : [];
  expect(await standing(one, park)).toEqual([...kept, `${SERVICE} ${tag} running`].sort(byName));
  expect(await park.units.read(one.unit)).toMatchObject({ activeState: 'active', subState: 'running' });
  expect(runningTogether(park.events.of(one.name))).toEqual([]);
  await park.units.stop(one.unit);
  expect(await standing(one, park)).toEqual([...kept, `${SERVICE} ${tag} stopped`].sort(byName));
  for (const { id, name } of await park.real.engine.list())
    if (name.startsWith(one.prefix)) await park.real.engine.remove(id);
};
