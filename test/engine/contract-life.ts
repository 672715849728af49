import { expect, it } from 'vitest';
import { nameOf } from '../../src/engine/inspect.js';
import { type Bench, failureOf, GRACE_SECONDS } from './contract-bench.js';

/** Start, stop, rename, restart policy, removal. */
export const lifeContract = (bench: Bench): void => {
  const { create, eventually, freshName, inspect, running } = bench;

  it('starts once: a second start changes nothing', async () => {
    const id = await running();
    const { State } = await inspect(id);
    await bench.subject.engine.start(id);
    expect(State).toMatchObject({ Status: 'running', Running: true });
    expect((await inspect(id)).State.StartedAt).toBe(State.StartedAt);
  });

  it('stops once: a second stop, and the stop of one that never ran, change nothing', async () => {
    const id = await running();
    await bench.subject.engine.stop(id, GRACE_SECONDS);
    const { State } = await inspect(id);
    await bench.subject.engine.stop(id, GRACE_SECONDS);
    const never = await create();
    await bench.subject.engine.stop(never, GRACE_SECONDS);
    expect(State).toMatchObject({ Status: 'exited', Running: false });
    expect((await inspect(id)).State).toEqual(State);
    expect((await inspect(never)).State.Status).toBe('created');
  });

  it('shows another start time after a stop and a start', async () => {
    const id = await running();
    const before = (await inspect(id)).State.StartedAt;
    await bench.subject.engine.stop(id, GRACE_SECONDS);
    await bench.subject.engine.start(id);
    const after = await inspect(id);
    expect(after.State.Running).toBe(true);
    expect(after.RestartCount).toBe(0);
    expect(after.State.StartedAt > before).toBe(true);
  });

  it('renames, stopped or running, and keeps the id', async () => {
    const id = await running();
    const old = nameOf(await inspect(id));
    const next = freshName();
    await bench.subject.engine.rename(id, next);
    expect((await inspect(next)).Id).toBe(id);
    expect((await inspect(id)).State.Running).toBe(true);
    expect(await bench.subject.engine.inspect(old)).toBeUndefined();
  });

  it('refuses a name that is taken, and leaves both containers as they were', async () => {
    const [one, two] = [await create(), await create()];
    const [first, second] = [nameOf(await inspect(one)), nameOf(await inspect(two))];
    expect(await failureOf(bench.subject.engine.rename(two, first))).toMatchObject({
      status: 409,
      unknown: false,
    });
    expect(await failureOf(create({}, {}, first))).toMatchObject({ status: 409, unknown: false });
    expect([nameOf(await inspect(one)), nameOf(await inspect(two))]).toEqual([first, second]);
  });

  it('changes the restart policy of a running container, and nothing else', async () => {
    const id = await running({}, { RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 } });
    const before = await inspect(id);
    await bench.subject.engine.setRestartPolicy(id, { Name: 'no', MaximumRetryCount: 0 });
    const after = await inspect(id);
    expect(after.HostConfig.RestartPolicy).toEqual({ Name: 'no', MaximumRetryCount: 0 });
    expect({ ...after.HostConfig, RestartPolicy: null }).toEqual({
      ...before.HostConfig,
      RestartPolicy: null,
    });
    expect([after.State.StartedAt, after.Config]).toEqual([before.State.StartedAt, before.Config]);
    await bench.subject.engine.setRestartPolicy(id, { Name: 'on-failure', MaximumRetryCount: 4 });
    expect((await inspect(id)).HostConfig.RestartPolicy).toEqual({
      Name: 'on-failure',
      MaximumRetryCount: 4,
    });
  });

  it('restarts by policy what ended by itself, and leaves what has the policy no', async () => {
    const short = { Cmd: [...bench.subject.say(['x'], 3)] };
    const again = await running(short, { RestartPolicy: { Name: 'always', MaximumRetryCount: 0 } });
    const once = await running(short, { RestartPolicy: { Name: 'no', MaximumRetryCount: 0 } });
    expect((await eventually(again, (seen) => seen.RestartCount >= 2)).RestartCount).toBeGreaterThanOrEqual(
      2,
    );
    await bench.subject.engine.stop(again, GRACE_SECONDS);
    expect((await inspect(again)).State.Running).toBe(false);
    expect(await inspect(once)).toMatchObject({
      RestartCount: 0,
      State: { Status: 'exited', ExitCode: 3 },
    });
  });

  it('refuses to remove a running container, and removes a stopped one without its volumes', async () => {
    const id = await running(
      { Volumes: { '/anonymous': {} } },
      { Binds: [`${bench.subject.prefix}-keep:/named`] },
    );
    const volumes = (await inspect(id)).Mounts?.map((mount) => mount.Name ?? '') ?? [];
    expect(await failureOf(bench.subject.engine.remove(id))).toMatchObject({ status: 409, unknown: false });
    expect((await inspect(id)).State.Running).toBe(true);
    await bench.subject.engine.stop(id, GRACE_SECONDS);
    bench.subject.made(volumes);
    await bench.subject.engine.remove(id);
    expect(await bench.subject.engine.inspect(id)).toBeUndefined();
    expect(volumes.length).toBeGreaterThanOrEqual(2);
    expect(await bench.subject.volumes()).toEqual(expect.arrayContaining(volumes));
    for (const volume of volumes) expect(await bench.subject.engine.hasVolume(volume)).toBe(true);
    expect(await bench.subject.engine.hasVolume(`${bench.subject.prefix}-no-such-volume`)).toBe(false);
  });
};
