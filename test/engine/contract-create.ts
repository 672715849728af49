import { expect, it } from 'vitest';
import { nameOf } from '../../src/engine/inspect.js';
import type { Endpoint } from '../../src/engine/networks.js';
import type { ContainerSpec } from '../../src/engine/port.js';
import { type Bench, failureOf, GRACE_SECONDS } from './contract-bench.js';

/** By which others find it; up to API 1.44 its short id stands among the aliases. */
const namesIn = (endpoint: Endpoint | undefined): unknown[] => [
  ...(endpoint?.Aliases ?? []),
  ...(Array.isArray(endpoint?.DNSNames) ? endpoint.DNSNames : []),
];

/** What a new container is, and what it joins. */
export const createContract = (bench: Bench): void => {
  const { bodyOf, create, freshName, inspect } = bench;

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
        Binds: [`${bench.subject.prefix}-volume:/named/:ro`, '/dev:/devices/:ro'],
        RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 },
        Ulimits: [{ Name: 'nofile', Soft: 1024, Hard: 2048 }],
      },
      named,
    );
    const seen = await inspect(id);
    const image = await bench.subject.engine.image(bench.subject.image);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(nameOf(seen)).toBe(named);
    expect(seen.State).toMatchObject({
      Status: 'created',
      Running: false,
      StartedAt: '0001-01-01T00:00:00Z',
    });
    expect(seen.Image).toBe(image?.Id);
    expect(seen.Config).toMatchObject({
      Image: bench.subject.image,
      Cmd: bench.subject.idle,
      User: '0',
      WorkingDir: '/',
      StopSignal: 'SIGKILL',
      Healthcheck: healthcheck,
    });
    expect(seen.Config.Labels).toMatchObject({ ...image?.Config?.Labels, own: 'label' });
    expect(seen.HostConfig).toMatchObject({
      NetworkMode: 'none',
      Binds: [`${bench.subject.prefix}-volume:/named/:ro`, '/dev:/devices/:ro'],
      RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 },
      Ulimits: [{ Name: 'nofile', Soft: 1024, Hard: 2048 }],
    });
    const ofImage = Object.keys(image?.Config?.Volumes ?? {}).map((path) => `volume ${path} true`);
    expect(new Set(seen.Mounts?.map(({ Type, Destination, RW }) => `${Type} ${Destination} ${RW}`))).toEqual(
      new Set([...ofImage, 'bind /devices false', 'volume /anonymous true', 'volume /named false']),
    );
  });

  it('merges the image’s environment behind the container’s own', async () => {
    const image = await bench.subject.engine.image(bench.subject.image);
    const ofImage = image?.Config?.Env ?? [];
    const [first = ''] = ofImage;
    const key = first.split('=')[0] ?? '';
    const seen = await inspect(await create({ Env: ['OWN=1', `${key}=own`] }));
    expect(ofImage).not.toEqual([]);
    expect(seen.Config.Env).toEqual(['OWN=1', `${key}=own`, ...ofImage.slice(1)]);
  });

  it('inherits single fields of the image’s healthcheck, and drops its command behind an own entrypoint', async () => {
    const image = await bench.subject.engine.image(bench.subject.image);
    const seen = await inspect(
      await create({ Cmd: null, Entrypoint: ['sleep', '5'], Healthcheck: { Retries: 9 } }),
    );
    expect(image?.Config?.Healthcheck?.Test).toEqual(['CMD', 'true']);
    expect(seen.Config.Healthcheck).toEqual({ ...image?.Config?.Healthcheck, Retries: 9 });
    expect(image?.Config?.Cmd).not.toBeNull();
    expect([seen.Config.Entrypoint, seen.Config.Cmd]).toEqual([['sleep', '5'], null]);
  });

  it('joins the first network with its address and the others before the start', async () => {
    const [first, second] = bench.subject.networks;
    const body = {
      ...bodyOf({}, { NetworkMode: first }),
      NetworkingConfig: {
        EndpointsConfig: {
          [first]: { IPAMConfig: { IPv4Address: bench.subject.address }, Aliases: ['one'] },
        },
      },
    };
    const spec: ContainerSpec = { body, connect: [{ network: second, endpoint: { Aliases: ['two'] } }] };
    const id = await bench.subject.engine.create(freshName(), spec);
    expect(new Set(Object.keys((await inspect(id)).NetworkSettings.Networks ?? {}))).toEqual(
      new Set([first, second]),
    );
    await bench.subject.engine.start(id);
    const networks = (await inspect(id)).NetworkSettings.Networks;
    expect(networks?.[first]).toMatchObject({
      IPAddress: bench.subject.address,
      IPAMConfig: { IPv4Address: bench.subject.address },
    });
    expect(namesIn(networks?.[first])).toEqual(expect.arrayContaining(['one', id.slice(0, 12)]));
    expect(namesIn(networks?.[second])).toEqual(expect.arrayContaining(['two', id.slice(0, 12)]));
    expect(networks?.[second]?.IPAddress).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  });

  it('does not start a container whose address another one has', async () => {
    const [first] = bench.subject.networks;
    const at = {
      ...bodyOf({}, { NetworkMode: first }),
      NetworkingConfig: {
        EndpointsConfig: { [first]: { IPAMConfig: { IPv4Address: bench.subject.address } } },
      },
    };
    const holder = await bench.subject.engine.create(freshName(), { body: at, connect: [] });
    const other = await bench.subject.engine.create(freshName(), { body: at, connect: [] });
    await bench.subject.engine.start(holder);
    expect((await failureOf(bench.subject.engine.start(other))).message).toContain('Address already in use');
    await bench.subject.engine.stop(holder, GRACE_SECONDS);
    await bench.subject.engine.start(other);
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
    await failureOf(bench.subject.engine.start(joined));
    await bench.subject.engine.start(target);
    await bench.subject.engine.start(joined);
    const seen = await inspect(joined);
    expect(seen.HostConfig.NetworkMode).toBe(`container:${target}`);
    expect(seen.Config.Hostname).toBe((await inspect(target)).Config.Hostname);
    expect(seen.NetworkSettings.Networks ?? {}).toEqual({});
  });

  it('creates nothing from an image that is not there', async () => {
    const named = freshName();
    expect(await failureOf(create({ Image: bench.subject.unknownRef }, {}, named))).toMatchObject({
      status: 404,
      unknown: false,
    });
    expect(await bench.subject.engine.inspect(named)).toBeUndefined();
  });
};
