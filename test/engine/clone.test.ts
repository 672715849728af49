import { describe, expect, it } from 'vitest';
import { cloneSpec } from '../../src/engine/clone.js';
import { aContainer, anImage, OLD_ID, type Parts } from './inspect-builder.js';

const cloned = (parts: Parts, image = anImage(), apiVersion = '1.41') =>
  cloneSpec({
    old: aContainer(parts),
    oldImage: image,
    newRef: 'r/cinder-api:2',
    apiVersion,
    engineHostname: 'control1',
  });

const VOLUME = 'f'.repeat(64);

describe('a clone', () => {
  it('carries the operator’s own variables, in order, and none of the old image’s', () => {
    const image = anImage({ Env: ['PATH=/bin', 'KOLLA_VERSION=1', 'LANG=C'] });
    const Env = ['OWN=1', 'LANG=de', 'UNSET', 'PATH=/bin', 'KOLLA_VERSION=1'];
    expect(cloned({ config: { Env } }, image).body.Env).toEqual(['OWN=1', 'LANG=de', 'UNSET']);
  });

  it('says nothing where the old one said nothing', () => {
    const image = anImage({
      Env: ['A=1'],
      Cmd: ['kolla_start'],
      User: 'cinder',
      Labels: { v: '1' },
      Healthcheck: { Test: ['CMD', 'x'] },
    });
    const { body } = cloned({ config: { ...image.Config, Hostname: OLD_ID.slice(0, 12) } }, image);
    for (const key of [
      'Env',
      'Cmd',
      'Entrypoint',
      'User',
      'Labels',
      'Healthcheck',
      'Hostname',
      'MacAddress',
      'Volumes',
    ])
      expect(body).not.toHaveProperty(key);
    expect(body).toMatchObject({ Image: 'r/cinder-api:2', Tty: false });
  });

  it('adds no label', () => {
    const image = anImage({ Labels: { v: '1' } });
    expect(cloned({ config: { Labels: { v: '1', team: 'storage' } } }, image).body.Labels).toEqual({
      team: 'storage',
    });
  });

  it.each([
    [
      'an own entrypoint drops the image’s command',
      { Entrypoint: ['/own'], Cmd: null },
      { Entrypoint: ['/own'] },
    ],
    [
      'an own entrypoint keeps the command beside it',
      { Entrypoint: ['/own'], Cmd: ['serve'] },
      { Entrypoint: ['/own'], Cmd: ['serve'] },
    ],
    [
      'a cleared entrypoint stays cleared',
      { Entrypoint: null, Cmd: ['serve'] },
      { Entrypoint: [''], Cmd: ['serve'] },
    ],
    [
      'an entrypoint cleared by an empty list inherits the command',
      { Entrypoint: [], Cmd: ['serve'] },
      { Entrypoint: [] },
    ],
    [
      'an own entrypoint equal to the image’s shows by the missing command',
      { Entrypoint: ['/init'], Cmd: null },
      { Entrypoint: ['/init'] },
    ],
    [
      'an own command rides on the image’s entrypoint',
      { Entrypoint: ['/init'], Cmd: ['once'] },
      { Cmd: ['once'] },
    ],
    ['nothing own', { Entrypoint: ['/init'], Cmd: ['serve'] }, {}],
  ])('knows whose command line it is: %s', (_case, config, own) => {
    const { body } = cloned({ config }, anImage({ Entrypoint: ['/init'], Cmd: ['serve'] }));
    const { Entrypoint, Cmd } = body;
    expect({
      ...(Entrypoint === undefined ? {} : { Entrypoint }),
      ...(Cmd === undefined ? {} : { Cmd }),
    }).toEqual(own);
  });

  it('keeps only the own fields of a healthcheck', () => {
    const image = anImage({ Healthcheck: { Test: ['CMD', 'a'], Interval: 5, Retries: 3 } });
    const own = { Test: ['CMD', 'a'], Interval: 9, Retries: 3, StartPeriod: 7 };
    expect(cloned({ config: { Healthcheck: own } }, image).body.Healthcheck).toEqual({
      Interval: 9,
      StartPeriod: 7,
    });
  });

  it.each([
    ['the short id', {}, {}],
    ['the engine’s under the host network', { Hostname: 'control1' }, { NetworkMode: 'host' }],
    ['another container’s', { Hostname: 'other' }, { NetworkMode: 'container:abc' }],
    ['the host’s under uts host', { Hostname: 'control1' }, { UTSMode: 'host' }],
  ])('drops a hostname that nobody chose: %s', (_case, config, hostConfig) => {
    expect(cloned({ config, hostConfig }).body).not.toHaveProperty('Hostname');
  });

  it('keeps a hostname that was chosen', () => {
    expect(cloned({ config: { Hostname: 'api' } }).body.Hostname).toBe('api');
    expect(cloned({ config: { Hostname: 'api' }, hostConfig: { NetworkMode: 'host' } }).body.Hostname).toBe(
      'api',
    );
  });

  it('takes the host configuration as it is, but the restart policy', () => {
    const hostConfig = {
      Binds: ['/etc/kolla/cinder-api/:/var/lib/kolla/config_files/:ro', 'kolla_logs:/var/log/kolla/'],
      Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }],
      SecurityOpt: ['label=disable'],
      Unheard: { of: true },
    };
    expect(cloned({ hostConfig }).body.HostConfig).toEqual({
      ...hostConfig,
      NetworkMode: 'default',
      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    });
  });

  it('names anonymous volumes, so that their data comes along, and leaves named ones as they are', () => {
    const mounts = [
      { Type: 'volume', Name: VOLUME, Destination: '/data', RW: false },
      { Type: 'volume', Name: 'kolla_logs', Destination: '/var/log/kolla', RW: true },
    ];
    const { body } = cloned({
      config: { Volumes: { '/data/': {} } },
      hostConfig: { Binds: ['kolla_logs:/var/log/kolla/'] },
      mounts,
    });
    expect(body.HostConfig).toMatchObject({
      Binds: ['kolla_logs:/var/log/kolla/'],
      Mounts: [
        { Type: 'volume', Source: VOLUME, Target: '/data', ReadOnly: true, VolumeOptions: { NoCopy: true } },
      ],
    });
    expect(body.Volumes).toEqual({ '/data/': {} });
  });

  it('finds the name of a bare bind’s volume in its folder where the engine does not tell it', () => {
    const Source = `/var/lib/docker/volumes/${VOLUME}/_data`;
    const mounts = [{ Type: 'volume', Source, Destination: '/bare', RW: true }];
    expect(cloned({ hostConfig: { Binds: ['/bare'] }, mounts }).body.HostConfig).toMatchObject({
      Binds: [],
      Mounts: [{ Type: 'volume', Source: VOLUME, Target: '/bare' }],
    });
  });

  it('leaves volumes that come from another container to it', () => {
    const mounts = [{ Type: 'volume', Name: VOLUME, Destination: '/theirs', RW: true }];
    expect(cloned({ hostConfig: { VolumesFrom: ['other:ro'] }, mounts }).body.HostConfig).not.toHaveProperty(
      'Mounts',
    );
  });

  it('asks for the first network in the create and for the others after it, without the old short id', () => {
    const networks = {
      front: {
        IPAMConfig: { IPv4Address: '10.0.0.9' },
        Aliases: ['api', OLD_ID.slice(0, 12)],
        IPAddress: '10.0.0.9',
        MacAddress: '02:42:0a:00:00:09',
        NetworkID: 'n1',
      },
      back: {
        IPAMConfig: {},
        Aliases: ['db'],
        Links: ['x:y'],
        DriverOpts: { o: '1' },
        IPAddress: '10.0.1.2',
        MacAddress: '02:42:0a:00:01:02',
        NetworkID: 'n2',
      },
    };
    const spec = cloned({ hostConfig: { NetworkMode: 'front' }, networks });
    expect(spec.body.NetworkingConfig).toEqual({
      EndpointsConfig: { front: { IPAMConfig: { IPv4Address: '10.0.0.9' }, Aliases: ['api'] } },
    });
    expect(spec.connect).toEqual([
      { network: 'back', endpoint: { Aliases: ['db'], Links: ['x:y'], DriverOpts: { o: '1' } } },
    ]);
  });

  it('asks for all networks in one create from API 1.44 on, so that none can be missing after a cut', () => {
    const networks = {
      front: { IPAMConfig: { IPv4Address: '10.0.0.9' }, Aliases: ['api'], DNSNames: ['api'] },
      back: { Aliases: ['db'], DNSNames: ['db'] },
      third: { Aliases: null, DNSNames: null },
    };
    const spec = cloned({ hostConfig: { NetworkMode: 'front' }, networks }, anImage(), '1.44');
    expect(spec.body.NetworkingConfig).toEqual({
      EndpointsConfig: {
        front: { IPAMConfig: { IPv4Address: '10.0.0.9' }, Aliases: ['api'] },
        back: { Aliases: ['db'] },
        third: {},
      },
    });
    expect(spec.connect).toEqual([]);
    const bare = { front: { DNSNames: ['x'] }, back: { DNSNames: ['x'] } };
    const both = cloned({ hostConfig: { NetworkMode: 'front' }, networks: bare }, anImage(), '1.51');
    expect(both.body.NetworkingConfig).toEqual({ EndpointsConfig: { front: {}, back: {} } });
  });

  it('pins no MAC that the engine drew for the first network, and keeps the one in use on the others', () => {
    const networks = {
      front: { IPAddress: '10.0.0.9', MacAddress: '1a:85:34:0f:0c:e7', DNSNames: ['x'] },
      back: { IPAddress: '10.0.1.9', MacAddress: '76:11:e3:78:e6:b1', DNSNames: ['x'] },
    };
    const drawn = cloned({ hostConfig: { NetworkMode: 'front' }, networks }, anImage(), '1.51');
    expect(drawn.body.NetworkingConfig).toEqual({
      EndpointsConfig: { front: {}, back: { MacAddress: '76:11:e3:78:e6:b1' } },
    });
    const asked = cloned(
      { config: { MacAddress: '1A:85:34:0F:0C:E7' }, hostConfig: { NetworkMode: 'front' }, networks },
      anImage(),
      '1.51',
    );
    expect(asked.body.NetworkingConfig).toEqual({
      EndpointsConfig: {
        front: { MacAddress: '1a:85:34:0f:0c:e7' },
        back: { MacAddress: '76:11:e3:78:e6:b1' },
      },
    });
    const byId = { front: { ...networks.front, NetworkID: 'n1' } };
    expect(
      cloned({ hostConfig: { NetworkMode: 'n1' }, networks: byId }, anImage(), '1.51').body.NetworkingConfig,
    ).toEqual({ EndpointsConfig: { n1: { MacAddress: '1a:85:34:0f:0c:e7' } } });
  });

  it('puts an explicit MAC where the API wants it, and pins no generated one', () => {
    const explicit = {
      hostConfig: { NetworkMode: 'front' },
      networks: { front: { IPAddress: '10.0.0.9', MacAddress: '02:00:00:aa:bb:cc' } },
    };
    expect(
      cloned({ ...explicit, config: { MacAddress: '02:00:00:aa:bb:cc' } }, anImage(), '1.43').body.MacAddress,
    ).toBe('02:00:00:aa:bb:cc');
    const newer = cloned(explicit, anImage(), '1.44');
    expect(newer.body).not.toHaveProperty('MacAddress');
    expect(newer.body.NetworkingConfig).toEqual({
      EndpointsConfig: { front: { MacAddress: '02:00:00:aa:bb:cc' } },
    });
    const generated = {
      ...explicit,
      networks: { front: { IPAddress: '10.0.0.9', MacAddress: '02:42:0a:00:00:09' } },
    };
    expect(cloned(generated, anImage(), '1.44').body).not.toHaveProperty('NetworkingConfig');
  });
});
