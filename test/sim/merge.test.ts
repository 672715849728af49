import { describe, expect, it } from 'vitest';
import { simCloud } from '../../src/sim/cloud.js';
import { simImage } from '../../src/sim/image.js';
import { mergeConfig, mergeHostConfig } from '../../src/sim/merge.js';

/* moby's daemon/commit.go `merge`. What the contract can ask of a real engine, it asks; here is the rest, too. */

const image = {
  User: 'svc',
  Env: ['A=image', 'B=image'],
  Cmd: ['serve'],
  Entrypoint: ['init', '--'],
  Labels: { of: 'image', both: 'image' },
  Volumes: { '/data': {} },
  WorkingDir: '/srv',
  StopSignal: 'SIGINT',
  Healthcheck: { Test: ['CMD', 'check'], Interval: 5e9, Retries: 4 },
};

const merged = (body: object) => mergeConfig({ Image: 'x:1', ...body }, image, 'host');

describe('Docker’s merge of a create body with its image', () => {
  it('takes everything from the image when the body says nothing', () => {
    expect(merged({})).toMatchObject({ ...image, Hostname: 'host', Image: 'x:1' });
  });

  it('puts own variables first and lets them win', () => {
    expect(merged({ Env: ['B=own', 'C=own'] }).Env).toEqual(['B=own', 'C=own', 'A=image']);
  });

  it('drops the image’s command behind an own entrypoint, and keeps the entrypoint before an own command', () => {
    expect(merged({ Entrypoint: ['run'] })).toMatchObject({ Entrypoint: ['run'], Cmd: null });
    expect(merged({ Cmd: ['once'] })).toMatchObject({ Entrypoint: ['init', '--'], Cmd: ['once'] });
    expect(merged({ Entrypoint: [''], Cmd: ['once'] })).toMatchObject({ Entrypoint: null, Cmd: ['once'] });
  });

  it('inherits single fields of a healthcheck, and lets NONE switch it off', () => {
    expect(merged({ Healthcheck: { Test: [], Interval: 0, Retries: 9 } }).Healthcheck).toEqual({
      Test: ['CMD', 'check'],
      Interval: 5e9,
      Retries: 9,
    });
    expect(merged({ Healthcheck: { Test: ['NONE'] } }).Healthcheck).toMatchObject({ Test: ['NONE'] });
  });

  it('joins labels and volumes', () => {
    expect(merged({ Labels: { both: 'own' }, Volumes: { '/more': {} } })).toMatchObject({
      Labels: { of: 'image', both: 'own' },
      Volumes: { '/data': {}, '/more': {} },
    });
  });

  it('unmasks a privileged container and switches its labels off', () => {
    expect(mergeHostConfig({ HostConfig: { Privileged: true } })).toMatchObject({
      MaskedPaths: null,
      SecurityOpt: ['label=disable'],
    });
    expect(mergeHostConfig({})).toMatchObject({
      NetworkMode: 'default',
      RestartPolicy: { Name: '', MaximumRetryCount: 0 },
      IpcMode: 'private',
    });
  });
});

describe('the volumes of a simulated container', () => {
  const cloud = simCloud({ hosts: [{ name: 'h' }] });
  const host = cloud.host('h');
  host.images.add(
    'x:1',
    simImage('x', { config: image, files: { '/data': { seed: 'from the image' } } }),
    false,
  );
  const engine = cloud.engine('h');
  const mountsAt = async (path: string, hostConfig: object) => {
    const id = await engine.create(`c${host.containers.size}`, {
      body: { Image: 'x:1', HostConfig: hostConfig },
      connect: [],
    });
    return (await engine.inspect(id))?.Mounts?.find((mount) => mount.Destination === path);
  };

  it('are new and anonymous for each container, unless a mount names the old one', async () => {
    const first = await mountsAt('/data', {});
    const second = await mountsAt('/data', {});
    const carried = await mountsAt('/data', {
      Mounts: [{ Type: 'volume', Source: first?.Name, Target: '/data' }],
    });
    expect(first?.Name).toMatch(/^[0-9a-f]{64}$/);
    expect(second?.Name).not.toBe(first?.Name);
    expect(carried?.Name).toBe(first?.Name);
    expect(host.volumes.get(first?.Name ?? '')).toEqual(new Map([['seed', 'from the image']]));
  });
});
