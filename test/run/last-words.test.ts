import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/port.js';
import { renderMessage } from '../../src/render/message.js';
import type { Run } from '../../src/run/run.js';
import { memoryJournal } from '../../src/store/memory.js';
import { askView, rootView } from '../../src/views/index.js';
import { messageProblems } from '../doubles/block-kit.js';
import { BOB, bornOver, cinderCloud, type KollaOptions, upgradeTo, withoutPorts } from './scene.js';

const PRINTED = `${'starting\n'.repeat(2_000)}connecting to mysql+pymysql://cinder:hunter2-canary@db1/cinder\n<!channel> ERROR no such table`;

type Logs = Engine['logs'];

const upgraded = async (
  options: Partial<KollaOptions> & { readonly config?: Record<string, unknown> },
  {
    service = 'cinder',
    overrides = {},
    logs = async () => PRINTED,
  }: {
    readonly service?: string;
    readonly overrides?: Record<string, string>;
    readonly logs?: Logs;
  } = {},
) => {
  const scene = withoutPorts(await cinderCloud(options));
  const asked: string[] = [];
  const told = (engine: Engine): Engine => ({
    ...engine,
    logs: (id, lines) => {
      asked.push(`${lines} lines`);
      return logs(id, lines);
    },
  });
  const engines = () => new Map([...scene.engines()].map(([name, engine]) => [name, told(engine)]));
  const { app } = await bornOver({ ...scene, engines }, memoryJournal());
  const run = await upgradeTo(app, '2025.2', service, overrides);
  const kinds = (await app.eventsOf(run.id)).map(({ event }) => event.kind);
  return { run, kinds, asked };
};

const releases = (kind: 'flaps' | 'never-healthy') => [{ id: '2025.1' }, { id: '2025.2', kind }] as const;
const SHORT = { interval: '1ms', successes: 3, minimum: '0ms', deadline: '400ms' };

const outputsOf = (run: Run): readonly string[] =>
  askView(run).blocks.flatMap((block) => (block.kind === 'output' ? [block.text] : []));

describe('people who are asked about a new container that is not well', () => {
  test.each([
    ['nobody can tell whether it is', { releases: releases('flaps'), config: { health: SHORT } }, {}],
    [
      'the policy wants to ask',
      { releases: releases('never-healthy'), config: { policy: { on_failure: 'ask' } } },
      {},
    ],
    [
      'there is no way back by itself',
      { releases: releases('never-healthy') },
      { service: 'placement', overrides: { backup: 'dump of 12:00 on db1' } },
    ],
  ])(
    'read what it printed last where %s, without secrets and within the limits',
    async (_why, options, more) => {
      const { run, asked } = await upgraded(options, more);
      expect(run.phase).toBe('paused');
      const shown = outputsOf(run).filter((text) => text.includes('no such table'));
      expect(shown).toHaveLength(1);
      expect(shown[0]).toContain('mysql+pymysql://[redacted]@db1');
      expect(asked.at(-1)).toBe('40 lines');
      expect(JSON.stringify([run, rootView(run)])).not.toContain('hunter2-canary');
      for (const drawing of ['rich', 'plain'] as const) {
        const message = renderMessage(askView(run), drawing);
        expect(messageProblems(message, { rich: drawing === 'rich' })).toEqual([]);
        expect(JSON.stringify(message)).toContain('&lt;!channel&gt; ERROR no such table');
      }
    },
  );

  test.each([
    ['does not tell it', () => Promise.reject(new Error('the log driver cannot be read'))],
    ['has nothing of it', async () => ' \n'],
    ['never answers', (_id, lines) => (lines === 40 ? new Promise(() => undefined) : Promise.resolve(''))],
  ] satisfies [string, Logs][])('are asked all the same where the engine %s', async (_what, logs) => {
    const { run, kinds } = await upgraded(
      { releases: releases('flaps'), config: { health: SHORT } },
      { logs },
    );
    expect([run.phase, outputsOf(run)]).toEqual(['paused', []]);
    expect(kinds).not.toContain('kept-log');
  });
});

test('a host that the bot does not know any more makes the run ask, as before', async () => {
  const scene = withoutPorts(
    await cinderCloud({
      hosts: 2,
      releases: releases('never-healthy'),
      config: { policy: { on_failure: 'ask' } },
    }),
  );
  const kept = memoryJournal();
  const { id } = await upgradeTo((await bornOver(scene, kept)).app, '2025.2');
  const config = { ...scene.config, hosts: scene.config.hosts.slice(1) };
  const { app } = await bornOver({ ...scene, config }, kept);
  await app.resume(BOB, id);
  expect((await app.settled(id)).phase).toBe('paused');
});

test('where the policy goes back by itself nothing is read before that is decided', async () => {
  const { run, kinds } = await upgraded({ releases: releases('never-healthy') });
  expect(run.phase).toBe('rolled-back');
  expect(kinds.indexOf('kept-log')).toBeGreaterThan(kinds.indexOf('rollback'));
});
