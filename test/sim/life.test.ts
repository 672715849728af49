import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../src/sim/clock.js';
import { simCloud } from '../../src/sim/cloud.js';
import { type Behaviour, simImage } from '../../src/sim/image.js';

const CHECK = { Test: ['CMD', 'check'], Interval: 1e9, Retries: 2 };

/** One host on virtual time; `run` creates and starts a container of an image that behaves so. */
const scene = () => {
  const clock = virtualClock();
  const cloud = simCloud({ hosts: [{ name: 'h' }], clock });
  const engine = cloud.engine('h');
  const add = (name: string, behaviour: Behaviour = {}, hostConfig: object = {}): Promise<string> => {
    cloud
      .host('h')
      .images.add(
        `${name}:1`,
        simImage(name, { behaviour, config: { Cmd: ['serve'], Healthcheck: CHECK } }),
        false,
      );
    return engine.create(name, {
      body: { Image: `${name}:1`, HostConfig: { NetworkMode: 'host', ...hostConfig } },
      connect: [],
    });
  };
  const run = async (name: string, behaviour?: Behaviour, hostConfig?: object): Promise<string> => {
    const id = await add(name, behaviour, hostConfig);
    await engine.start(id);
    return id;
  };
  const state = async (id: string) => {
    const seen = await engine.inspect(id);
    return seen ? `${seen.State.Status} ${seen.State.ExitCode} restarts ${seen.RestartCount}` : 'gone';
  };
  const check = async (id: string) => (await engine.exec(id, ['check'], 1_000)).exitCode;
  return { clock, cloud, engine, add, run, state, check };
};

const policy = (Name: string) => ({ RestartPolicy: { Name, MaximumRetryCount: 0 } });

describe('a daemon restart', () => {
  it('brings back what runs by policy, and never what has the policy no', async () => {
    const { cloud, run, state } = scene();
    const ids = {
      always: await run('aa', {}, policy('always')),
      unless: await run('bb', {}, policy('unless-stopped')),
      no: await run('cc', {}, policy('no')),
    };
    await cloud.daemonRestart('h');
    expect(await state(ids.always)).toBe('running 0 restarts 0');
    expect(await state(ids.unless)).toBe('running 0 restarts 0');
    expect(await state(ids.no)).toBe('exited 143 restarts 0');
  });

  it('brings back a stopped one with always, and leaves a stopped one with unless-stopped', async () => {
    const { cloud, engine, run, state } = scene();
    const always = await run('aa', {}, policy('always'));
    const unless = await run('bb', {}, policy('unless-stopped'));
    await engine.stop(always, 1);
    await engine.stop(unless, 1);
    await cloud.daemonRestart('h');
    expect(await state(always)).toBe('running 0 restarts 0');
    expect(await state(unless)).toBe('exited 143 restarts 0');
  });

  it('goes by the policy of the moment, and never starts what was only created', async () => {
    const { cloud, engine, add, run, state } = scene();
    const kept = await run('kept', {}, policy('always'));
    await engine.stop(kept, 1);
    await engine.setRestartPolicy(kept, { Name: 'no', MaximumRetryCount: 0 });
    const created = await add('created', {}, policy('always'));
    await cloud.daemonRestart('h');
    expect(await state(kept)).toBe('exited 143 restarts 0');
    expect(await state(created)).toBe('created 0 restarts 0');
  });

  it('changes the start time of what it brings back', async () => {
    const { cloud, engine, run } = scene();
    const id = await run('aa', {}, policy('always'));
    const before = (await engine.inspect(id))?.State.StartedAt;
    await cloud.daemonRestart('h');
    expect((await engine.inspect(id))?.State.StartedAt).not.toBe(before);
  });
});

describe('a simulated process', () => {
  it('ends with code 1 at once when another holds its port on the host’s network', async () => {
    const { engine, run, state } = scene();
    const first = await run('first', { listens: 8776 });
    const second = await run('second', { listens: 8776 });
    expect(await state(second)).toBe('exited 1 restarts 0');
    expect(await engine.logs(second, 1)).toContain('Address already in use: port 8776');
    await engine.stop(first, 1);
    await engine.start(second);
    expect(await state(second)).toBe('running 0 restarts 0');
  });

  it('ends when its time is over and is started again by its policy, later each time', async () => {
    const { clock, run, state } = scene();
    const once = await run('once', { exitsAfterMs: 50, exitCode: 9 });
    const again = await run('again', { exitsAfterMs: 50 }, policy('always'));
    clock.advance(49);
    expect(await state(once)).toBe('running 0 restarts 0');
    clock.advance(1);
    expect([await state(once), await state(again)]).toEqual([
      'exited 9 restarts 0',
      'restarting 1 restarts 0',
    ]);
    clock.advance(100);
    expect(await state(again)).toBe('running 0 restarts 1');
    clock.advance(50 + 199);
    expect(await state(again)).toBe('restarting 1 restarts 1');
    clock.advance(1);
    expect(await state(again)).toBe('running 0 restarts 2');
  });

  it('counts restarts by policy anew after a person’s start', async () => {
    const { clock, engine, run, state } = scene();
    const id = await run('again', { exitsAfterMs: 50 }, policy('always'));
    clock.advance(50 + 100);
    expect(await state(id)).toBe('running 0 restarts 1');
    await engine.stop(id, 1);
    await engine.start(id);
    expect(await state(id)).toBe('running 0 restarts 0');
  });

  it('is killed when it needs longer to stop than the grace', async () => {
    const { clock, engine, run, state } = scene();
    const slow = await run('slow', { stopsAfterMs: 60_000 });
    const quick = await run('quick', { stopsAfterMs: 500 });
    const at = clock.now();
    await engine.stop(slow, 2);
    expect([clock.now() - at, await state(slow)]).toEqual([2_000, 'exited 137 restarts 0']);
    await engine.stop(quick, 2);
    expect(await state(quick)).toBe('exited 143 restarts 0');
  });

  it('that the engine cannot start stays created, with the engine’s error', async () => {
    const { engine, add } = scene();
    const id = await add('none', { startError: 'exec: not found' });
    await expect(engine.start(id)).rejects.toMatchObject({ status: 400, unknown: false });
    expect((await engine.inspect(id))?.State).toMatchObject({
      Status: 'created',
      ExitCode: 127,
      Error: 'exec: not found',
    });
  });
});

describe('the health of a simulated container', () => {
  it('changes with time: starting, healthy, and unhealthy when the checks ran out', async () => {
    const { clock, engine, run, check } = scene();
    const id = await run('slow', { healthy: (upMs) => upMs >= 1_500 && upMs < 9_000 });
    const status = async () => (await engine.inspect(id))?.State.Health?.Status;
    expect([await status(), await check(id)]).toEqual(['starting', 1]);
    clock.advance(1_500);
    expect([await status(), await check(id)]).toEqual(['healthy', 0]);
    clock.advance(8_000);
    expect([await status(), await check(id)]).toEqual(['unhealthy', 1]);
  });

  it('flaps between two looks at the same moment', async () => {
    const { run, check } = scene();
    const id = await run('flapping', { healthy: 'flaps' });
    const looks = [];
    for (let look = 0; look < 6; look += 1) looks.push(await check(id));
    expect(looks).toEqual([0, 0, 1, 0, 0, 1]);
  });
});
