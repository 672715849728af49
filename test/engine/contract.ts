import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ContainerInspect, nameOf } from '../../src/engine/inspect.js';
import { type ContainerSpec, type Engine, EngineError } from '../../src/engine/port.js';

/** An engine with what the contract needs around it. Everything it makes is named with `prefix`. */
export type Subject = {
  readonly engine: Engine;
  readonly prefix: string;
  /** A local image, and what its programs are called. */
  readonly image: string;
  /** A command that runs until it is stopped. */
  readonly idle: readonly string[];
  /** A command that prints lines and ends with a code; works as a container's command and for `exec`. */
  readonly say: (lines: readonly string[], exitCode: number) => readonly string[];
  /** A command for `exec` that ends after that time. */
  readonly last: (ms: number) => readonly string[];
  /** Two networks that exist, and a free address in the first. */
  readonly networks: readonly [first: string, second: string];
  readonly address: string;
  /** A reference that no registry knows. */
  readonly unknownRef: string;
  volumes(): Promise<readonly string[]>;
  /** Removes every container and volume made since the last time. */
  clean(): Promise<void>;
  /** Takes away what was made around the engine. */
  close(): Promise<void>;
};

const MISSING = 'f'.repeat(64);
const GRACE_SECONDS = 1;

const failureOf = async (work: Promise<unknown>): Promise<EngineError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof EngineError) return error;
  throw new Error(`expected an EngineError, not ${String(error)}`);
};

/** What every implementation of the engine port promises; `makeSubject` brings one to the test. */
export const engineContract = (name: string, makeSubject: () => Promise<Subject>): void => {
  describe(`the engine port's contract: ${name}`, () => {
    let subject: Subject;
    let count = 0;
    beforeAll(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.clean());
    afterAll(() => subject.close());

    const freshName = (): string => {
      count += 1;
      return `${subject.prefix}-${count}`;
    };
    const bodyOf = (body: object = {}, hostConfig: object = {}): Record<string, unknown> => ({
      Image: subject.image,
      Cmd: [...subject.idle],
      StopSignal: 'SIGKILL',
      ...body,
      HostConfig: { NetworkMode: 'none', ...hostConfig },
    });
    const create = (body: object = {}, hostConfig: object = {}, named = freshName()): Promise<string> =>
      subject.engine.create(named, { body: bodyOf(body, hostConfig), connect: [] });
    const running = async (body: object = {}, hostConfig: object = {}): Promise<string> => {
      const id = await create(body, hostConfig);
      await subject.engine.start(id);
      return id;
    };
    const inspect = async (idOrName: string): Promise<ContainerInspect> => {
      const seen = await subject.engine.inspect(idOrName);
      if (!seen) throw new Error(`${idOrName} is not there`);
      return seen;
    };
    const eventually = async (
      id: string,
      when: (seen: ContainerInspect) => boolean,
    ): Promise<ContainerInspect> => {
      for (let tries = 0; tries < 100; tries += 1) {
        const seen = await inspect(id);
        if (when(seen)) return seen;
        await sleep(50);
      }
      throw new Error(`not so within 5 s: ${JSON.stringify((await inspect(id)).State)}`);
    };

    it('says its versions and its hostname', async () => {
      const info = await subject.engine.info();
      expect(info.apiVersion).toMatch(/^\d+\.\d+$/);
      expect(info.version).not.toBe('');
      expect(info.hostname).not.toBe('');
    });

    it('creates without starting, and inspect gives back what the spec said', async () => {
      const named = freshName();
      const healthcheck = {
        Test: ['CMD-SHELL', 'check me'],
        Interval: 30e9,
        Timeout: 30e9,
        StartPeriod: 5e9,
        Retries: 3,
      };
      const id = await create(
        {
          Env: ['OWN=1', 'LANG=own'],
          Labels: { own: 'label' },
          User: '0',
          WorkingDir: '/',
          Healthcheck: healthcheck,
          Volumes: { '/anonymous': {} },
        },
        {
          Binds: [`${subject.prefix}-volume:/named/:ro`, '/:/whole/:ro'],
          RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 },
          Ulimits: [{ Name: 'nofile', Soft: 1024, Hard: 2048 }],
        },
        named,
      );
      const seen = await inspect(id);
      const image = await subject.engine.image(subject.image);
      expect(id).toMatch(/^[0-9a-f]{64}$/);
      expect(nameOf(seen)).toBe(named);
      expect(seen.State).toMatchObject({
        Status: 'created',
        Running: false,
        StartedAt: '0001-01-01T00:00:00Z',
      });
      expect(seen.Image).toBe(image?.Id);
      expect(seen.Config).toMatchObject({
        Image: subject.image,
        Cmd: subject.idle,
        User: '0',
        WorkingDir: '/',
        StopSignal: 'SIGKILL',
        Healthcheck: healthcheck,
      });
      expect(seen.Config.Labels).toMatchObject({ ...image?.Config?.Labels, own: 'label' });
      expect(seen.HostConfig).toMatchObject({
        NetworkMode: 'none',
        Binds: [`${subject.prefix}-volume:/named/:ro`, '/:/whole/:ro'],
        RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 },
        Ulimits: [{ Name: 'nofile', Soft: 1024, Hard: 2048 }],
      });
      expect(seen.Mounts?.map(({ Type, Destination, RW }) => `${Type} ${Destination} ${RW}`).sort()).toEqual([
        'bind /whole false',
        'volume /anonymous true',
        'volume /named false',
      ]);
    });

    it('merges the image’s environment behind the container’s own', async () => {
      const image = await subject.engine.image(subject.image);
      const ofImage = image?.Config?.Env ?? [];
      const [first = ''] = ofImage;
      const key = first.split('=')[0] ?? '';
      const seen = await inspect(await create({ Env: ['OWN=1', `${key}=own`] }));
      expect(ofImage).not.toEqual([]);
      expect(seen.Config.Env).toEqual(['OWN=1', `${key}=own`, ...ofImage.slice(1)]);
    });

    it('finds a container by id and by name, and has no answer for one that is not there', async () => {
      const id = await create();
      expect((await inspect(nameOf(await inspect(id)))).Id).toBe(id);
      expect(await subject.engine.inspect(MISSING)).toBeUndefined();
      expect(await subject.engine.inspect(`${subject.prefix}-nobody`)).toBeUndefined();
    });

    it('joins the first network with its address and the others before the start', async () => {
      const [first, second] = subject.networks;
      const body = {
        ...bodyOf({}, { NetworkMode: first }),
        NetworkingConfig: {
          EndpointsConfig: { [first]: { IPAMConfig: { IPv4Address: subject.address }, Aliases: ['one'] } },
        },
      };
      const spec: ContainerSpec = { body, connect: [{ network: second, endpoint: { Aliases: ['two'] } }] };
      const id = await subject.engine.create(freshName(), spec);
      expect(Object.keys((await inspect(id)).NetworkSettings.Networks ?? {}).sort()).toEqual(
        [first, second].sort(),
      );
      await subject.engine.start(id);
      const networks = (await inspect(id)).NetworkSettings.Networks;
      expect(networks?.[first]).toMatchObject({
        IPAddress: subject.address,
        IPAMConfig: { IPv4Address: subject.address },
      });
      expect(networks?.[first]?.Aliases).toEqual(expect.arrayContaining(['one', id.slice(0, 12)]));
      expect(networks?.[second]?.Aliases).toEqual(expect.arrayContaining(['two', id.slice(0, 12)]));
      expect(networks?.[second]?.IPAddress).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    });

    it('does not start a container whose address another one has', async () => {
      const [first] = subject.networks;
      const at = {
        ...bodyOf({}, { NetworkMode: first }),
        NetworkingConfig: { EndpointsConfig: { [first]: { IPAMConfig: { IPv4Address: subject.address } } } },
      };
      const holder = await subject.engine.create(freshName(), { body: at, connect: [] });
      const other = await subject.engine.create(freshName(), { body: at, connect: [] });
      await subject.engine.start(holder);
      expect((await failureOf(subject.engine.start(other))).message).toContain('Address already in use');
      await subject.engine.stop(holder, GRACE_SECONDS);
      await subject.engine.start(other);
      expect((await inspect(other)).State.Running).toBe(true);
    });

    it('refuses a hostname for a container that joins another’s network, and starts none whose host is not running', async () => {
      const target = await create();
      const mode = { NetworkMode: `container:${target}` };
      expect(await failureOf(create({ Hostname: 'own' }, mode))).toMatchObject({
        status: 400,
        unknown: false,
      });
      const joined = await create({}, mode);
      await failureOf(subject.engine.start(joined));
      await subject.engine.start(target);
      await subject.engine.start(joined);
      const seen = await inspect(joined);
      expect(seen.HostConfig.NetworkMode).toBe(`container:${target}`);
      expect(seen.Config.Hostname).toBe((await inspect(target)).Config.Hostname);
      expect(seen.NetworkSettings.Networks ?? {}).toEqual({});
    });

    it('starts once: a second start changes nothing', async () => {
      const id = await running();
      const { State } = await inspect(id);
      await subject.engine.start(id);
      expect(State).toMatchObject({ Status: 'running', Running: true });
      expect((await inspect(id)).State.StartedAt).toBe(State.StartedAt);
    });

    it('stops once: a second stop, and the stop of one that never ran, change nothing', async () => {
      const id = await running();
      await subject.engine.stop(id, GRACE_SECONDS);
      const { State } = await inspect(id);
      await subject.engine.stop(id, GRACE_SECONDS);
      const never = await create();
      await subject.engine.stop(never, GRACE_SECONDS);
      expect(State).toMatchObject({ Status: 'exited', Running: false });
      expect((await inspect(id)).State).toEqual(State);
      expect((await inspect(never)).State.Status).toBe('created');
    });

    it('shows another start time after a stop and a start', async () => {
      const id = await running();
      const before = (await inspect(id)).State.StartedAt;
      await subject.engine.stop(id, GRACE_SECONDS);
      await subject.engine.start(id);
      const after = await inspect(id);
      expect(after.State.Running).toBe(true);
      expect(after.RestartCount).toBe(0);
      expect(after.State.StartedAt > before).toBe(true);
    });

    it('renames, stopped or running, and keeps the id', async () => {
      const id = await running();
      const old = nameOf(await inspect(id));
      const next = freshName();
      await subject.engine.rename(id, next);
      expect((await inspect(next)).Id).toBe(id);
      expect((await inspect(id)).State.Running).toBe(true);
      expect(await subject.engine.inspect(old)).toBeUndefined();
    });

    it('refuses a name that is taken, and leaves both containers as they were', async () => {
      const [one, two] = [await create(), await create()];
      const [first, second] = [nameOf(await inspect(one)), nameOf(await inspect(two))];
      expect(await failureOf(subject.engine.rename(two, first))).toMatchObject({
        status: 409,
        unknown: false,
      });
      expect(await failureOf(create({}, {}, first))).toMatchObject({ status: 409, unknown: false });
      expect([nameOf(await inspect(one)), nameOf(await inspect(two))]).toEqual([first, second]);
    });

    it('changes the restart policy of a running container, and nothing else', async () => {
      const id = await running({}, { RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 } });
      const before = await inspect(id);
      await subject.engine.setRestartPolicy(id, { Name: 'no', MaximumRetryCount: 0 });
      const after = await inspect(id);
      expect(after.HostConfig.RestartPolicy).toEqual({ Name: 'no', MaximumRetryCount: 0 });
      expect({ ...after.HostConfig, RestartPolicy: null }).toEqual({
        ...before.HostConfig,
        RestartPolicy: null,
      });
      expect([after.State.StartedAt, after.Config]).toEqual([before.State.StartedAt, before.Config]);
      await subject.engine.setRestartPolicy(id, { Name: 'on-failure', MaximumRetryCount: 4 });
      expect((await inspect(id)).HostConfig.RestartPolicy).toEqual({
        Name: 'on-failure',
        MaximumRetryCount: 4,
      });
    });

    it('restarts by policy what ended by itself, and leaves what has the policy no', async () => {
      const short = { Cmd: [...subject.say(['x'], 3)] };
      const again = await running(short, { RestartPolicy: { Name: 'always', MaximumRetryCount: 0 } });
      const once = await running(short, { RestartPolicy: { Name: 'no', MaximumRetryCount: 0 } });
      expect((await eventually(again, (seen) => seen.RestartCount >= 2)).RestartCount).toBeGreaterThanOrEqual(
        2,
      );
      await subject.engine.stop(again, GRACE_SECONDS);
      expect((await inspect(again)).State.Running).toBe(false);
      expect(await inspect(once)).toMatchObject({
        RestartCount: 0,
        State: { Status: 'exited', ExitCode: 3 },
      });
    });

    it('refuses to remove a running container, and removes a stopped one without its volumes', async () => {
      const id = await running(
        { Volumes: { '/anonymous': {} } },
        { Binds: [`${subject.prefix}-keep:/named`] },
      );
      const volumes = (await inspect(id)).Mounts?.map((mount) => mount.Name ?? '') ?? [];
      expect(await failureOf(subject.engine.remove(id))).toMatchObject({ status: 409, unknown: false });
      expect((await inspect(id)).State.Running).toBe(true);
      await subject.engine.stop(id, GRACE_SECONDS);
      await subject.engine.remove(id);
      expect(await subject.engine.inspect(id)).toBeUndefined();
      expect(volumes).toHaveLength(2);
      expect(await subject.volumes()).toEqual(expect.arrayContaining(volumes));
    });

    it('runs a command inside and gives back its exit code and output', async () => {
      const id = await running();
      expect(await subject.engine.exec(id, subject.say(['a', 'b'], 0), 5_000)).toEqual({
        exitCode: 0,
        output: 'a\nb\n',
      });
      expect(await subject.engine.exec(id, subject.say(['no'], 3), 5_000)).toEqual({
        exitCode: 3,
        output: 'no\n',
      });
    });

    it('gives a command that is not there an exit code that is not 0', async () => {
      const result = await subject.engine.exec(
        await running(),
        [`/${subject.prefix}-no-such-program`],
        5_000,
      );
      expect(result.exitCode).toBeGreaterThan(0);
    });

    it('runs no command in a stopped container, and does not wait for one for ever', async () => {
      expect(await failureOf(subject.engine.exec(await create(), subject.say([], 0), 5_000))).toMatchObject({
        status: 409,
        unknown: false,
      });
      const id = await running();
      expect(await failureOf(subject.engine.exec(id, subject.last(2_000), 200))).toMatchObject({
        unknown: true,
      });
      expect((await inspect(id)).State.Running).toBe(true);
    });

    it('waits for the end and gives back the exit code, at once when it is over', async () => {
      const id = await running({ Cmd: [...subject.say(['bye'], 7)] });
      expect(await subject.engine.wait(id, 10_000)).toBe(7);
      expect(await subject.engine.wait(id, 10_000)).toBe(7);
    });

    it('stops waiting at its deadline and does not know how it will end', async () => {
      const id = await running();
      expect(await failureOf(subject.engine.wait(id, 200))).toMatchObject({ unknown: true });
      expect((await inspect(id)).State.Running).toBe(true);
    });

    it('gives back the last lines of the log, after the end, too', async () => {
      const id = await running({ Cmd: [...subject.say(['one', 'two', 'three'], 0)] });
      await subject.engine.wait(id, 10_000);
      expect((await subject.engine.logs(id, 2)).trim().split('\n')).toEqual(['two', 'three']);
      expect((await subject.engine.logs(id, 100)).trim().split('\n')).toEqual(['one', 'two', 'three']);
    });

    it('lists the running, the stopped and the never started', async () => {
      const [up, down, never] = [await running(), await running(), await create()];
      await subject.engine.stop(down, GRACE_SECONDS);
      const image = await subject.engine.image(subject.image);
      const listed = (await subject.engine.list()).filter((one) => one.name.startsWith(subject.prefix));
      expect(Object.fromEntries(listed.map((one) => [one.id, one.state]))).toEqual({
        [up]: 'running',
        [down]: 'exited',
        [never]: 'created',
      });
      expect(listed.map((one) => one.name)).toContain(nameOf(await inspect(up)));
      expect(new Set(listed.map((one) => one.imageId))).toEqual(new Set([image?.Id]));
    });

    it('knows a local image by reference and by id, and has no answer for another', async () => {
      const image = await subject.engine.image(subject.image);
      expect(image?.RepoTags).toContain(subject.image);
      expect((await subject.engine.image(image?.Id ?? ''))?.Id).toBe(image?.Id);
      expect(await subject.engine.image(subject.unknownRef)).toBeUndefined();
    });

    it('throws when the registry does not know what is asked for or pulled', async () => {
      expect((await failureOf(subject.engine.pull(subject.unknownRef))).host).toBe(subject.engine.host);
      expect((await failureOf(subject.engine.resolve(subject.unknownRef))).host).toBe(subject.engine.host);
      expect(await subject.engine.image(subject.unknownRef)).toBeUndefined();
    });

    it('creates nothing from an image that is not there', async () => {
      const named = freshName();
      expect(await failureOf(create({ Image: subject.unknownRef }, {}, named))).toMatchObject({
        status: 404,
        unknown: false,
      });
      expect(await subject.engine.inspect(named)).toBeUndefined();
    });

    it('answers every change of a missing container with a clear 404 that names the host', async () => {
      const { engine } = subject;
      const changes = {
        start: engine.start(MISSING),
        stop: engine.stop(MISSING, GRACE_SECONDS),
        rename: engine.rename(MISSING, freshName()),
        policy: engine.setRestartPolicy(MISSING, { Name: 'no', MaximumRetryCount: 0 }),
        remove: engine.remove(MISSING),
        exec: engine.exec(MISSING, subject.say([], 0), 5_000),
        wait: engine.wait(MISSING, 5_000),
        logs: engine.logs(MISSING, 5),
      };
      const failures = await Promise.all(Object.values(changes).map(failureOf));
      for (const failure of failures)
        expect(failure).toMatchObject({ host: engine.host, status: 404, unknown: false });
    });
  });
};
