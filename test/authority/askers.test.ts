import { describe, expect, test } from 'vitest';
import { SERVICES } from '../../src/catalogue/index.js';
import { Refusal } from '../../src/errors.js';
import type { Actor } from '../../src/run/event.js';
import { watchInvariants } from '../../src/sim/invariants.js';
import { randomFrom } from '../../src/sim/random.js';
import { memoryJournal } from '../../src/store/memory.js';
import { BOB, bornOver, cinderCloud, running, withoutPorts } from '../run/scene.js';

const ASKERS = 50;

const asker = (name: string, id: string, door: Actor['door'] = 'slack'): Actor => ({ id, name, door });
const ANN = asker('Ann', 'U0ANN');
const ANN_AT_HOME = asker('Ann', 'ann', 'cli');
const ERIN = asker('Erin', 'U0ERIN');
const CROWD = Array.from({ length: ASKERS }, (_none, at) => asker(`Op${at}`, `U0OP${at}`));

const PEOPLE = [
  { name: 'Ann', slack: 'U0ANN', login: 'ann', roles: ['operator'] },
  { name: 'Erin', slack: 'U0ERIN', roles: ['operator'] },
  { name: 'Bob', slack: 'U0BOB', roles: ['approver'] },
  ...CROWD.map(({ id, name }) => ({ name, slack: id, roles: ['operator'] })),
];

const cloudOf = async () => {
  const scene = withoutPorts(
    await cinderCloud({ services: ['keystone', 'cinder'], config: { people: PEOPLE } }),
  );
  const journal = memoryJournal();
  const watch = watchInvariants(scene.cloud);
  const { app } = await bornOver(scene, journal);
  return { scene, journal, watch, app };
};

type Asked = { readonly by: Actor; readonly service: string };

/** All ask at the same moment. */
const allAt = async (asked: readonly Asked[]) => {
  const cloud = await cloudOf();
  const answers = await Promise.allSettled(
    asked.map(({ by, service }) => cloud.app.upgrade(by, { service, to: '2025.2', overrides: {} })),
  );
  const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  const runs = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  return { ...cloud, refusals, runs };
};

const tell = (refusal: unknown): string =>
  refusal instanceof Refusal ? `${refusal.code}: ${refusal.why} ${refusal.wayOut}` : String(refusal);

describe(`of ${ASKERS} who ask at once`, () => {
  test.each([
    ['all the same person', () => ANN],
    ['one person through two doors', (at: number) => (at % 2 === 0 ? ANN : ANN_AT_HOME)],
    ['two people', (at: number) => (at % 2 === 0 ? ANN : ERIN)],
    ['each somebody else', (at: number) => CROWD[at] ?? ANN],
  ])('for one service, %s, one gets the run, and the others are shown it', async (_who, by) => {
    const asked = Array.from({ length: ASKERS }, (_none, at) => ({ by: by(at), service: 'cinder' }));
    const { runs, refusals, app, scene, watch, journal } = await allAt(asked);
    const [run] = runs;
    expect([runs.length, refusals.length]).toEqual([1, ASKERS - 1]);
    expect(new Set(refusals.map(tell))).toEqual(
      new Set([`run-open: Run ${run?.id} of cinder is proposed. See: status cinder.`]),
    );
    expect(Object.keys(journal.state().runs)).toEqual([run?.id]);
    await app.approve(BOB, run?.id ?? '');
    expect((await app.settled(run?.id ?? '')).phase).toBe('upgraded');
    expect((await running(scene)).cinder_api).toBe('2025.2');
    expect(watch.violations).toEqual([]);
  });

  test.each([1, 2, 3])(
    'for two services of the same hosts, from two people, each service gets one run, and both end well side by side (seed %i)',
    async (seed) => {
      const random = randomFrom(seed, 'askers');
      const asked = Array.from({ length: ASKERS }, () => ({
        by: random.pick([ANN, ERIN]),
        service: random.pick(['cinder', 'keystone']),
      }));
      const { runs, refusals, app, scene, watch } = await allAt(asked);
      expect(runs.map(({ plan }) => plan.service).toSorted()).toEqual(['cinder', 'keystone']);
      expect(refusals).toHaveLength(ASKERS - 2);
      for (const { id, plan } of runs)
        expect(refusals.map(tell)).toContain(
          `run-open: Run ${id} of ${plan.service} is proposed. See: status ${plan.service}.`,
        );
      expect(new Set(refusals.map(tell)).size).toBe(2);
      await Promise.all(runs.map(({ id }) => app.approve(BOB, id)));
      const ended = await Promise.all(runs.map(({ id }) => app.settled(id)));
      expect(ended.map(({ phase }) => phase)).toEqual(['upgraded', 'upgraded']);
      const tags = Object.entries(await running(scene));
      const ours = tags.filter(([name]) => /^(cinder|keystone)/.test(name));
      expect(new Set(ours.map(([, tag]) => tag))).toEqual(new Set(['2025.2']));
      expect(watch.violations).toEqual([]);
    },
  );
});

test('no container belongs to two services, so that two runs never swap the same one', () => {
  const names = SERVICES.flatMap(({ containers }) => containers.map(({ name }) => name));
  expect(names.length).toBeGreaterThanOrEqual(10);
  expect(new Set(names).size).toBe(names.length);
});
