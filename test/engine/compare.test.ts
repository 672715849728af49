import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { differences } from '../../src/engine/compare.js';
import { RULES } from '../../src/engine/compare-rules.js';
import { aContainer, anImage, type Parts } from './inspect-builder.js';

const NEW_ID = '2'.repeat(64);
const oldImage = anImage({ Env: ['V=1', 'SAME=x'], Labels: { v: '1' }, Cmd: ['one'], User: 'a' });
const newImage = anImage({
  Env: ['V=2', 'SAME=x'],
  Labels: { v: '2' },
  Cmd: ['two'],
  User: 'b',
  Volumes: { '/new': {} },
});

const OLD: Parts = {
  config: { Env: ['OWN=1', 'V=1', 'SAME=x'], Labels: { v: '1', own: 'l' }, Cmd: ['one'], User: 'a' },
  hostConfig: { Memory: 1024, Binds: ['/etc:/etc:ro'], RestartPolicy: { Name: '', MaximumRetryCount: 0 } },
};
const NEW: Parts = {
  id: NEW_ID,
  config: {
    Env: ['OWN=1', 'V=2', 'SAME=x'],
    Labels: { v: '2', own: 'l' },
    Cmd: ['two'],
    User: 'b',
    Volumes: { '/new': {} },
    Image: 'r/cinder-api:2',
  },
  hostConfig: { Memory: 1024, Binds: ['/etc:/etc:ro'], RestartPolicy: { Name: 'no', MaximumRetryCount: 0 } },
  mounts: [{ Type: 'volume', Name: 'n', Destination: '/new', RW: true }],
};

const compared = (before: Parts, after: Parts) =>
  differences({
    before: aContainer(before),
    after: aContainer(after),
    beforeImage: oldImage,
    afterImage: newImage,
  });

const changed = (part: 'config' | 'hostConfig', change: Record<string, unknown>): Parts => ({
  ...NEW,
  [part]: { ...NEW[part], ...change },
});

describe('the written comparison', () => {
  it('finds nothing where only the image, ids and times differ', () => {
    expect(compared(OLD, NEW)).toEqual([]);
  });

  it('finds nothing where only the engine of one of the two was restarted, and a DNS server that got lost', () => {
    const filled = { Dns: [], DnsOptions: [], DnsSearch: [] };
    expect(
      compared({ ...OLD, hostConfig: { ...OLD.hostConfig, Dns: null } }, changed('hostConfig', filled)),
    ).toEqual([]);
    const asked = { ...OLD, hostConfig: { ...OLD.hostConfig, Dns: ['192.0.2.1'] } };
    expect(compared(asked, changed('hostConfig', filled))).toEqual(['HostConfig.Dns differs']);
  });

  it('finds nothing where the engine was given a default bridge and the new one was not started yet', () => {
    const on = (Bridge: string) => ({ NetworkSettings: { Networks: {}, Bridge } });
    const [before, after] = [
      { ...aContainer(OLD), ...on('br-own') },
      { ...aContainer(NEW), ...on('') },
    ];
    expect(differences({ before, after, beforeImage: oldImage, afterImage: newImage })).toEqual([]);
  });

  it('finds a container alike itself', () => {
    const same = aContainer(OLD);
    expect(differences({ before: same, after: same, beforeImage: oldImage, afterImage: oldImage })).toEqual(
      [],
    );
  });

  it.each<[string, Parts, string[]]>([
    ['a lost own variable', changed('config', { Env: ['V=2', 'SAME=x'] }), ['Config.Env.OWN is missing']],
    [
      'a changed own variable',
      changed('config', { Env: ['OWN=secret', 'V=2', 'SAME=x'] }),
      ['Config.Env.OWN differs'],
    ],
    [
      'a frozen variable of the old image',
      changed('config', { Env: ['OWN=1', 'V=1', 'SAME=x'] }),
      ['Config.Env.V differs'],
    ],
    [
      'an added label',
      changed('config', { Labels: { v: '2', own: 'l', tool: 'x' } }),
      ['Config.Labels.tool was added'],
    ],
    ['a frozen command', changed('config', { Cmd: ['one'] }), ['Config.Cmd differs']],
    ['a frozen user', changed('config', { User: 'a' }), ['Config.User differs']],
    ['another limit', changed('hostConfig', { Memory: 2048 }), ['HostConfig.Memory is 2048, was 1024']],
    [
      'another spelling of a bind',
      changed('hostConfig', { Binds: ['/etc:/etc'] }),
      ['HostConfig.Binds differs'],
    ],
    ['a lost bind', changed('hostConfig', { Binds: [] }), ['HostConfig.Binds differs']],
    [
      'another restart policy',
      changed('hostConfig', { RestartPolicy: { Name: 'always', MaximumRetryCount: 0 } }),
      ['HostConfig.RestartPolicy.Name differs'],
    ],
    [
      'a field that no rule names',
      changed('hostConfig', { NewInEngine99: true }),
      ['HostConfig.NewInEngine99 was added'],
    ],
    ['another name', { ...NEW, name: 'cinder_api__swap' }, ['Name differs']],
    ['a lost network', { ...NEW, networks: {} }, ['NetworkSettings.Networks.bridge is missing']],
  ])('finds %s', (_what, after, expected) => {
    expect(compared(OLD, after)).toEqual(expected);
  });

  it('finds an anonymous volume that was replaced by an empty one', () => {
    const withVolume = (parts: Parts, name: string): Parts => ({
      ...parts,
      config: { ...parts.config, Volumes: { ...(parts === NEW ? { '/new': {} } : {}), '/data': {} } },
      mounts: [...(parts.mounts ?? []), { Type: 'volume', Name: name, Destination: '/data', RW: true }],
    });
    expect(compared(withVolume(OLD, 'v1'), withVolume(NEW, 'v2'))).toEqual(['Mounts./data.Name differs']);
    const carried = withVolume(NEW, 'v1');
    const byName = {
      ...carried,
      hostConfig: { ...carried.hostConfig, Mounts: [{ Type: 'volume', Source: 'v1', Target: '/data' }] },
    };
    expect(compared(withVolume(OLD, 'v1'), byName)).toEqual([]);
  });

  it('finds a lost explicit MAC, a lost alias and a lost static address', () => {
    const on = (endpoint: Record<string, unknown>) => ({
      networks: { front: { NetworkID: 'n', IPAddress: '10.0.0.2', ...endpoint } },
    });
    const before = {
      ...OLD,
      ...on({ MacAddress: '02:00:00:00:00:01', Aliases: ['api'], IPAMConfig: { IPv4Address: '10.0.0.2' } }),
    };
    expect(compared(before, { ...NEW, ...on({ MacAddress: '02:42:0a:00:00:02' }) })).toEqual([
      'NetworkSettings.Networks.front.IPAMConfig.IPv4Address is missing',
      'NetworkSettings.Networks.front.Aliases differs',
      'NetworkSettings.Networks.front.MacAddress differs',
    ]);
  });

  it('never shows a text of the configuration', () => {
    const before = {
      ...OLD,
      config: { ...OLD.config, Env: ['P=hunter2'], Labels: { t: 'hunter2' }, Domainname: 'hunter2' },
    };
    const said = compared(
      before,
      changed('hostConfig', { LogConfig: { Config: { token: 'hunter2' } } }),
    ).join('\n');
    expect(said).toContain('Config.Env.P');
    expect(said).not.toContain('hunter2');
  });
});

describe('docs/comparison.md', () => {
  it('lists each rule with its reason, and no other', () => {
    const page = readFileSync(new URL('../../docs/comparison.md', import.meta.url), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows).toEqual(RULES.map((rule) => `| \`${rule.path}\` | ${rule.how} | ${rule.reason} |`));
  });
});
