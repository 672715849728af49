import { describe, expect, test } from 'vitest';
import { Refusal } from '../../src/errors.js';
import type { RunEvent } from '../../src/run/event.js';
import { memoryJournal } from '../../src/store/memory.js';
import { ANN, BOB, bornOver, cinderCloud, type KollaOptions, withoutPorts } from '../run/scene.js';
import type { KollaScene } from '../sim/kolla.js';

/** Calls that leave everything as it serves. */
const HARMLESS: readonly string[] = ['pull', 'create', 'exec'];

const changes = (event: RunEvent): boolean => event.kind === 'call' && !HARMLESS.includes(event.op);

/** What is decided behind the door that a withdrawal waits at, and the withdrawal itself. */
const DECIDED: readonly RunEvent['kind'][] = [
  'requested',
  'approved',
  'started',
  'withdrawn',
  'rollback',
  'finalize-approved',
  'finalizing',
];

/** Which containers run, and since when. */
const uptimes = async (scene: KollaScene): Promise<readonly string[]> => {
  const engine = scene.cloud.operator('node1');
  const up = (await engine.list()).filter(({ state }) => state === 'running');
  const seen = await Promise.all(up.map(({ id }) => engine.inspect(id)));
  return seen.map((one) => `${one?.Name} ${one?.Id} ${one?.State.StartedAt}`).toSorted();
};

/**
 * A run up to Finalize, of whose approval Bob thinks better right after event `nth`: the run does nothing more until
 * he has his answer.
 */
const withdrawnAfter = async (nth: number, options: Partial<KollaOptions>) => {
  const scene = withoutPorts(await cinderCloud(options));
  const kept = memoryJournal();
  const untouched = await uptimes(scene);
  const before: RunEvent[] = [];
  let answer: Promise<unknown> | undefined;
  const { app } = await bornOver(scene, {
    ...kept,
    append: async (id, event) => {
      if (answer && !DECIDED.includes(event.kind)) await answer;
      await kept.append(id, event);
      if (answer) return;
      before.push(event);
      if (before.length === nth) answer = app.withdraw(BOB, id).catch((error: unknown) => error);
    },
  });
  const { id } = await app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  // Where the request itself is the moment, his word comes before he has said anything.
  await answer;
  await app.approve(BOB, id);
  let run = await app.settled(id);
  if (run.phase === 'upgraded' && before.length !== nth) {
    await app.finalize(BOB, id);
    run = await app.settled(id);
  }
  const said = await answer;
  return {
    id,
    run: await app.settled(id),
    before,
    refusal: said instanceof Refusal ? said : undefined,
    said,
    untouched,
    after: await uptimes(scene),
  };
};

type Withdrawn = Awaited<ReturnType<typeof withdrawnAfter>>;

/** What has to come of it, told by the events that were in the journal when he said it. */
const expected = ({ before, id }: Withdrawn) => {
  const has = (kind: RunEvent['kind']): boolean => before.some((event) => event.kind === kind);
  if (!has('approved')) return { code: 'not-allowed', wayOut: `To stop it: reject or cancel ${id}.` };
  if (has('upgraded')) return { code: 'not-now', wayOut: 'See: status cinder.' };
  if (before.some(changes)) return { code: 'not-now', wayOut: `To stop it and go back: rollback ${id}.` };
  return has('started') ? 'rolled-back' : 'proposed';
};

describe.each([
  ['that the engine alone owns', {}],
  ['that systemd owns', { systemd: true }],
] as const)('an approval of an upgrade of containers %s', (_what, options) => {
  test('counts as withdrawn at every event before the first change, and after it the way back is told', {
    timeout: 240_000,
  }, async () => {
    const { before: all, run } = await withdrawnAfter(Number.POSITIVE_INFINITY, options);
    expect([run.phase, all.length > 40, all.findIndex(changes) > 3]).toEqual(['finalized', true, true]);
    const outcomes = new Set<string>();
    for (let nth = 1; nth <= all.length; nth += 1) {
      const one = await withdrawnAfter(nth, options);
      const wanted = expected(one);
      if (typeof wanted === 'string') {
        expect([nth, one.said, one.run.phase]).toEqual([
          nth,
          expect.objectContaining({ id: one.id }),
          wanted,
        ]);
        expect([nth, one.run.cutAt, one.after]).toEqual([nth, undefined, one.untouched]);
      } else expect([nth, one.refusal]).toEqual([nth, expect.objectContaining(wanted)]);
      outcomes.add(typeof wanted === 'string' ? wanted : wanted.wayOut.replace(one.id, 'r'));
    }
    expect(outcomes.size).toBe(5);
  });
});
