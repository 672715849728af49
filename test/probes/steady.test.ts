import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import type { ContainerInspect } from '../../src/engine/inspect.js';
import type { Engine } from '../../src/engine/port.js';
import { judgeHealth } from '../../src/probes/judge.js';
import { steady } from '../../src/probes/steady.js';
import { aContainer } from '../engine/inspect-builder.js';

const STARTED = '2036-11-22T10:00:00Z';

const seen = (state: Partial<ContainerInspect['State']> = {}, RestartCount = 0): ContainerInspect => {
  const container = aContainer();
  const State = { ...container.State, Running: true, StartedAt: STARTED, ...state };
  return { ...container, RestartCount, State };
};

const askedOf = (container: ContainerInspect | undefined) =>
  steady({
    engine: {} as Engine,
    id: 'c',
    container,
    startedAt: STARTED,
    restartCount: 0,
    url: null,
    reach: new Set(),
    expect: [200],
  });

test('the process that was started is well while it runs', async () => {
  expect((await askedOf(seen())).verdict).toBe('well');
});

test.each([
  ['it was started anew', seen({ StartedAt: '2036-11-22T10:00:03Z' }), 'it was restarted while we watched'],
  ['it was restarted once', seen({}, 1), 'it was restarted while we watched'],
  ['it ended', seen({ Running: false, ExitCode: 3 }), 'exited with code 3'],
  ['it ran out of memory', seen({ Running: false, ExitCode: 137, OOMKilled: true }), 'out of memory'],
  ['it is gone', undefined, 'the container is gone'],
])('%s: waiting will not help', async (_what, container, why) => {
  expect(await askedOf(container)).toEqual({ verdict: 'ill', why: expect.stringContaining(why) });
});

test('something else that answers well at the address does not make a container healthy that is started again and again', async () => {
  const decoy = createServer((_request, response) => response.writeHead(200).end('{}'));
  await new Promise<void>((resolve) => decoy.listen(0, '127.0.0.1', resolve));
  const address = decoy.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/healthcheck`;
  const request = (starts: readonly string[]) => {
    let looks = 0;
    const inspect = async () => {
      looks += 1;
      return seen({ StartedAt: starts[Math.min(looks, starts.length) - 1] ?? STARTED });
    };
    return {
      engine: { host: 'c1', inspect } as unknown as Engine,
      id: 'c',
      container: 'cinder_api',
      url,
      reach: new Set([new URL(url).origin]),
      expect: [200],
      policy: { interval: 1, successes: 3, minimum: 0, deadline: 10_000 },
    };
  };
  const looped = await judgeHealth(request([STARTED, STARTED, '2036-11-22T10:00:03Z']));
  const calm = await judgeHealth(request([STARTED]));
  decoy.close();
  expect([calm.outcome, looped.outcome]).toEqual(['healthy', 'unhealthy']);
  expect(looped.probes.filter(({ verdict }) => verdict === 'ill')).toEqual([
    expect.objectContaining({ probe: 'steady', why: 'it was restarted while we watched' }),
  ]);
  expect(looped.probes).toContainEqual(expect.objectContaining({ probe: 'http', verdict: 'well' }));
});
