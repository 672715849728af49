import { expect, it } from 'vitest';
import { nameOf } from '../../src/engine/inspect.js';
import { type Bench, failureOf, GRACE_SECONDS } from './contract-bench.js';

const MISSING = 'f'.repeat(64);

/** Looking, commands, waiting, logs, and how failures are told. */
export const answersContract = (bench: Bench): void => {
  const { create, freshName, inspect, running } = bench;

  it('says its versions and its hostname', async () => {
    const info = await bench.subject.engine.info();
    expect(info.apiVersion).toMatch(/^\d+\.\d+$/);
    expect(info.version).not.toBe('');
    expect(info.hostname).not.toBe('');
  });

  it('finds a container by id and by name, and has no answer for one that is not there', async () => {
    const id = await create();
    expect((await inspect(nameOf(await inspect(id)))).Id).toBe(id);
    expect(await bench.subject.engine.inspect(MISSING)).toBeUndefined();
    expect(await bench.subject.engine.inspect(`${bench.subject.prefix}-nobody`)).toBeUndefined();
  });

  it('runs a command inside and gives back its exit code and output', async () => {
    const id = await running();
    expect(await bench.subject.engine.exec(id, bench.subject.say(['a', 'b'], 0), 5_000)).toEqual({
      exitCode: 0,
      output: 'a\nb\n',
    });
    expect(await bench.subject.engine.exec(id, bench.subject.say(['no'], 3), 5_000)).toEqual({
      exitCode: 3,
      output: 'no\n',
    });
  });

  it('gives a command that is not there an exit code that is not 0', async () => {
    const result = await bench.subject.engine.exec(
      await running(),
      [`/${bench.subject.prefix}-no-such-program`],
      5_000,
    );
    expect(result.exitCode).toBeGreaterThan(0);
  });

  it('runs no command in a stopped container, and does not wait for one for ever', async () => {
    expect(
      await failureOf(bench.subject.engine.exec(await create(), bench.subject.say([], 0), 5_000)),
    ).toMatchObject({
      status: 409,
      unknown: false,
    });
    const id = await running();
    expect(await failureOf(bench.subject.engine.exec(id, bench.subject.last(2_000), 200))).toMatchObject({
      unknown: true,
    });
    expect((await inspect(id)).State.Running).toBe(true);
  });

  it('waits for the end and gives back the exit code, at once when it is over', async () => {
    const id = await running({ Cmd: [...bench.subject.say(['bye'], 7)] });
    expect(await bench.subject.engine.wait(id, 10_000)).toBe(7);
    expect(await bench.subject.engine.wait(id, 10_000)).toBe(7);
  });

  it('stops waiting at its deadline and does not know how it will end', async () => {
    const id = await running();
    expect(await failureOf(bench.subject.engine.wait(id, 200))).toMatchObject({ unknown: true });
    expect((await inspect(id)).State.Running).toBe(true);
  });

  it('gives back the last lines of the log, after the end, too', async () => {
    const id = await running({ Cmd: [...bench.subject.say(['one', 'two', 'three'], 0)] });
    await bench.subject.engine.wait(id, 10_000);
    expect((await bench.subject.engine.logs(id, 2)).trim().split('\n')).toEqual(['two', 'three']);
    expect((await bench.subject.engine.logs(id, 100)).trim().split('\n')).toEqual(['one', 'two', 'three']);
  });

  it('lists the running, the stopped and the never started', async () => {
    const [up, down, never] = [await running(), await running(), await create()];
    await bench.subject.engine.stop(down, GRACE_SECONDS);
    const image = await bench.subject.engine.image(bench.subject.image);
    const ours = async () =>
      (await bench.subject.engine.list()).filter((one) => one.name.startsWith(bench.subject.prefix));
    await expect
      .poll(async () => Object.fromEntries((await ours()).map((one) => [one.id, one.state])), {
        timeout: 10_000,
      })
      .toEqual({ [up]: 'running', [down]: 'exited', [never]: 'created' });
    const listed = await ours();
    expect(listed.map((one) => one.name)).toContain(nameOf(await inspect(up)));
    expect(new Set(listed.map((one) => one.imageId))).toEqual(new Set([image?.Id]));
  });

  it('knows a local image by reference and by id, and has no answer for another', async () => {
    const image = await bench.subject.engine.image(bench.subject.image);
    expect(image?.RepoTags).toContain(bench.subject.image);
    expect((await bench.subject.engine.image(image?.Id ?? ''))?.Id).toBe(image?.Id);
    expect(await bench.subject.engine.image(bench.subject.unknownRef)).toBeUndefined();
  });

  it('throws when the registry does not know what is asked for or pulled', async () => {
    expect((await failureOf(bench.subject.engine.pull(bench.subject.unknownRef))).host).toBe(
      bench.subject.engine.host,
    );
    expect((await failureOf(bench.subject.engine.resolve(bench.subject.unknownRef))).host).toBe(
      bench.subject.engine.host,
    );
    expect(await bench.subject.engine.image(bench.subject.unknownRef)).toBeUndefined();
  });

  it('answers every change of a missing container with a clear 404 that names the host', async () => {
    const { engine } = bench.subject;
    const changes = {
      start: engine.start(MISSING),
      stop: engine.stop(MISSING, GRACE_SECONDS),
      rename: engine.rename(MISSING, freshName()),
      policy: engine.setRestartPolicy(MISSING, { Name: 'no', MaximumRetryCount: 0 }),
      remove: engine.remove(MISSING),
      exec: engine.exec(MISSING, bench.subject.say([], 0), 5_000),
      wait: engine.wait(MISSING, 5_000),
      logs: engine.logs(MISSING, 5),
    };
    const failures = await Promise.all(Object.values(changes).map(failureOf));
    for (const failure of failures)
      expect(failure).toMatchObject({ host: engine.host, status: 404, unknown: false });
  });
};
