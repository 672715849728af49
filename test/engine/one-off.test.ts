import { describe, expect, it } from 'vitest';
import { oneOffSpec } from '../../src/engine/clone.js';
import { aContainer, anImage } from './inspect-builder.js';

const VOLUME = 'f'.repeat(64);

describe('a one-off container', () => {
  const like = aContainer({
    config: {
      Env: ['KOLLA_CONFIG_STRATEGY=COPY_ALWAYS', 'KOLLA_BOOTSTRAP=no', 'A=1'],
      Labels: { own: '1' },
      User: 'cinder',
    },
    hostConfig: {
      NetworkMode: 'front',
      Binds: ['kolla_logs:/var/log/kolla/'],
      Privileged: true,
      Devices: [{ PathOnHost: '/dev/x' }],
      PortBindings: { '1/tcp': [{ HostPort: '1' }] },
      LogConfig: { Type: 'none', Config: {} },
    },
    networks: {
      front: { IPAMConfig: { IPv4Address: '10.0.0.9' }, Aliases: ['api'] },
      back: { Aliases: ['db'], IPAMConfig: { IPv4Address: '10.0.1.9' } },
    },
    mounts: [{ Type: 'volume', Name: VOLUME, Destination: '/data', RW: true }],
  });
  const withVolume = { ...like, Config: { ...like.Config, Volumes: { '/data': {} } } };
  const spec = oneOffSpec({
    like: withVolume,
    image: anImage({ Env: ['A=1'] }),
    newRef: 'r/cinder-api:2',
    env: ['KOLLA_BOOTSTRAP', 'X=y'],
    apiVersion: '1.41',
  });

  it('has the service’s own environment, and the migration’s on top', () => {
    expect(spec.body.Env).toEqual(['KOLLA_CONFIG_STRATEGY=COPY_ALWAYS', 'KOLLA_BOOTSTRAP=', 'X=y']);
  });

  it('shares networks and volumes, and nothing that only one container can have', () => {
    expect(spec.body.HostConfig).toEqual({
      Binds: ['kolla_logs:/var/log/kolla/'],
      NetworkMode: 'front',
      Mounts: [
        { Type: 'volume', Source: VOLUME, Target: '/data', ReadOnly: false, VolumeOptions: { NoCopy: true } },
      ],
      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    });
    expect(spec.body).toMatchObject({
      User: 'cinder',
      Healthcheck: { Test: ['NONE'] },
      Image: 'r/cinder-api:2',
    });
    expect(spec.body).not.toHaveProperty('Labels');
    expect(spec.body).not.toHaveProperty('NetworkingConfig');
    expect(spec.connect).toEqual([{ network: 'back', endpoint: {} }]);
  });

  it('goes without one mount, however its path is written, and gets no volume in its place', () => {
    const kolla = '/var/lib/kolla/config_files';
    const bound = aContainer({
      config: { Volumes: { [`${kolla}/`]: {}, '/own': {} } },
      hostConfig: { Binds: [`/etc/kolla/cinder-api/:${kolla}/:ro`, '/a:/own'] },
    });
    const Mounts = [{ Type: 'bind', Source: '/etc/kolla/x', Target: kolla }];
    const podman = { ...bound, HostConfig: { ...bound.HostConfig, Binds: null, Mounts } };
    const request = { image: anImage({}), newRef: 'r/x:2', env: [], apiVersion: '1.41', without: kolla };
    const { body } = oneOffSpec({ ...request, like: bound });
    expect(body).toMatchObject({ Volumes: { '/own': {} }, HostConfig: { Binds: ['/a:/own'] } });
    expect(Object.keys(Object(body.Volumes))).toEqual(['/own']);
    expect(oneOffSpec({ ...request, like: podman }).body.HostConfig).not.toHaveProperty('Mounts');
  });
});
