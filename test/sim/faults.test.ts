import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../src/sim/clock.js';
import { simCloud } from '../../src/sim/cloud.js';
import { type CallSite, type Fault, SimulatedCrash } from '../../src/sim/faults.js';
import { simImage } from '../../src/sim/image.js';

const scene = async () => {
  const clock = virtualClock();
  const cloud = simCloud({ hosts: [{ name: 'one' }, { name: 'two' }], clock, delays: { hang: 10_000 } });
  const images = cloud.hosts.map((host) => host.images);
  for (const store of images) store.add('app:1', simImage('app'), false);
  const id = await cloud.operator('one').create('app', { body: { Image: 'app:1' }, connect: [] });
  const running = async () => (await cloud.operator('one').inspect(id))?.State.Running;
  return { clock, cloud, engine: cloud.engine('one'), other: cloud.engine('two'), id, running };
};

const thrown = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

/** That fault at the first start, nothing else. */
const atStart =
  (fault: Fault) =>
  ({ call }: CallSite): Fault =>
    call === 'start' ? fault : 'ok';

describe('an injected fault', () => {
  it('refuses clearly, without effect', async () => {
    const { cloud, engine, id, running } = await scene();
    cloud.inject(atStart('refuse'));
    expect(await thrown(engine.start(id))).toMatchObject({
      name: 'EngineError',
      unknown: false,
      status: 400,
    });
    expect(await running()).toBe(false);
  });

  it('loses the answer of a call that took effect', async () => {
    const { cloud, engine, id, running } = await scene();
    cloud.inject(atStart('lose-answer'));
    expect(await thrown(engine.start(id))).toMatchObject({ name: 'EngineError', unknown: true });
    expect(await running()).toBe(true);
  });

  it('hangs until the deadline, without effect and without a real timer', async () => {
    const { clock, cloud, engine, id, running } = await scene();
    cloud.inject(atStart('hang'));
    const at = clock.now();
    expect(await thrown(engine.start(id))).toMatchObject({ name: 'EngineError', unknown: true });
    expect([clock.now() - at, await running()]).toEqual([10_000, false]);
  });

  it.each([
    ['crash-before', false],
    ['crash-after', true],
  ] as const)('kills the process with %s, on every host, until it is revived', async (fault, effect) => {
    const { cloud, engine, other, id, running } = await scene();
    cloud.inject(atStart(fault));
    const crash = await thrown(engine.start(id));
    expect(crash).toBeInstanceOf(SimulatedCrash);
    expect(await running()).toBe(effect);
    expect(await thrown(engine.list())).toBe(crash);
    expect(await thrown(other.info())).toBe(crash);
    expect(cloud.crashed).toBe(true);
    cloud.inject();
    cloud.revive();
    expect(await engine.list()).toHaveLength(1);
  });

  it('lets a call that was under way end, and never answers its dead caller', async () => {
    const { cloud, engine, id, running } = await scene();
    const slow = simCloud({ hosts: [{ name: 'one' }], clock: cloud.clock, delays: { start: 1_000 } });
    slow.host('one').images.add('app:1', simImage('app'), false);
    const slowId = await slow.operator('one').create('app', { body: { Image: 'app:1' }, connect: [] });
    const starting = thrown(slow.engine('one').start(slowId));
    expect(() => slow.crash('at a journal append')).toThrow(SimulatedCrash);
    expect(await starting).toBeInstanceOf(SimulatedCrash);
    expect((await slow.operator('one').inspect(slowId))?.State.Running).toBe(true);
    expect([await thrown(engine.start(id)), await running()]).toEqual([undefined, true]);
  });

  it('leaves engines of an earlier life dead for whoever still holds them', async () => {
    const { cloud, engine, id, running } = await scene();
    expect(() => cloud.crash('between two calls')).toThrow('the process died between two calls');
    cloud.nextLife();
    expect(await thrown(engine.start(id))).toBeInstanceOf(SimulatedCrash);
    expect(await running()).toBe(false);
    await cloud.engine('one').start(id);
    expect(await running()).toBe(true);
  });

  it('is told which call it is: host, target by id and name, and its number', async () => {
    const { cloud, engine, id } = await scene();
    const sites: CallSite[] = [];
    cloud.inject((site) => {
      sites.push(site);
      return 'ok';
    });
    await engine.inspect(id);
    await engine.start('app');
    await engine.exec(id, ['df', '-Pk', '/'], 100);
    await engine.rename(id, 'later');
    expect(
      sites.map((one) => [one.call, one.name, one.id === id, one.mutating, one.nth, one.nthMutating]),
    ).toEqual([
      ['inspect', 'app', true, false, 1, 0],
      ['start', 'app', true, true, 2, 1],
      ['exec', 'app', true, false, 3, 1],
      ['rename', 'app', true, true, 4, 2],
    ]);
    expect(new Set(sites.map((one) => one.host))).toEqual(new Set(['one']));
  });
});

describe('the list of mutating calls', () => {
  it('says what took effect, with the time, and leaves looks and the operator’s own hands out', async () => {
    const { cloud, engine, id } = await scene();
    cloud.inject(({ call }) => (call === 'stop' ? 'refuse' : call === 'rename' ? 'lose-answer' : 'ok'));
    await engine.list();
    await engine.start(id);
    await cloud.clock.sleep(500);
    await thrown(engine.stop(id, 1));
    await thrown(engine.rename(id, 'later'));
    await thrown(engine.remove(id));
    const [first] = cloud.calls;
    expect(
      cloud.calls.map(
        (one) => `${one.call} ${one.name}: ${one.fault}, ${one.took} after ${one.at - (first?.at ?? 0)} ms`,
      ),
    ).toEqual([
      'start app: ok, effect after 0 ms',
      'stop app: refuse, no effect after 500 ms',
      'rename app: lose-answer, effect after 500 ms',
      'remove later: ok, no effect after 500 ms',
    ]);
    expect(cloud.calls.at(-1)?.error).toContain('cannot remove a running container');
  });

  it('does not answer while the host is unreachable, and nobody knows what happened', async () => {
    const { cloud, engine, id } = await scene();
    cloud.host('one').unreachable = true;
    expect(await thrown(engine.start(id))).toMatchObject({ name: 'EngineError', unknown: true });
    cloud.host('one').unreachable = false;
    await engine.start(id);
  });
});
