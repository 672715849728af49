import { expect, test } from 'vitest';
import { eventsTo } from '../builders.js';
import type { Ill } from './course/ills.js';
import { judgeEnd } from './course/judge.js';
import { type Effect, lineOver } from './course/line.js';
import { strategyNamed } from './course/strategies.js';

const SAID = 'could not be compared: node1: inspect: socket hang up';

type Met = { readonly ill: Ill; readonly kind?: Effect['kind'] };

/** What the judge says of the comparison, in a run that met one thing at its first effect, or nothing. */
const saidOf = async (difference: string, met?: Met): Promise<readonly string[]> => {
  const strategy = strategyNamed('engine');
  const ground = await strategy.ground({ unitsMayFail: false });
  const mishaps = met ? [{ at: 0, ill: met.ill }] : [];
  const line = {
    ...lineOver(ground, { mishaps }),
    effects: [{ kind: met?.kind ?? 'call', what: 'inspect' }] as const,
  };
  for (const event of eventsTo('running')) await ground.kept.append('r1', event);
  await ground.kept.append('r1', {
    kind: 'compared',
    host: 'node1',
    name: 'cinder_api',
    differences: [difference],
  });
  const run = ground.kept.state().runs.r1;
  const wish = { strategy, part: 'forward', person: 'resume' } as const;
  const why = await judgeEnd({ ground, line, run, wish, mishaps });
  ground.clock.end();
  return why.filter((sentence) => sentence.includes('is not configured as before'));
};

const blamed = (difference: string) => [`cinder_api is not configured as before: ${difference}`];

test.each<Met>([
  { ill: 'silent-before', kind: 'call' },
  { ill: 'refused', kind: 'look' },
])('what could not be compared is forgiven where $ill (at a $kind) keeps from it', async (met) => {
  expect(await saidOf(SAID, met)).toEqual([]);
});

test.each<Met>([
  { ill: 'refused', kind: 'call' },
  { ill: 'answer-lost', kind: 'look' },
  { ill: 'hangs', kind: 'look' },
  { ill: 'dies-before', kind: 'append' },
  { ill: 'recreated-after', kind: 'call' },
])('what could not be compared is a loss where $ill (at a $kind) keeps nobody from it', async (met) => {
  expect(await saidOf(SAID, met)).toEqual(blamed(SAID));
});

test('what could not be compared is a loss where nothing went wrong', async () => {
  expect(await saidOf(SAID)).toEqual(blamed(SAID));
});

test('a difference that was seen is a loss, whatever went wrong', async () => {
  expect(await saidOf('Env differs', { ill: 'silent-before' })).toEqual(blamed('Env differs'));
});
