import { describe, expect, it } from 'vitest';
import { configHash } from '../../src/engine/config-hash.js';
import { aContainer, OLD_ID } from './inspect-builder.js';

describe('the hash of a configuration', () => {
  const networks = {
    front: { IPAMConfig: null, Aliases: ['api'], IPAddress: '10.0.0.9', EndpointID: 'e1', MacAddress: 'm1' },
  };
  const mounts = [
    { Type: 'bind', Source: '/a', Destination: '/a', RW: true },
    { Type: 'bind', Source: '/b', Destination: '/b', RW: true },
  ];
  const base = configHash(aContainer({ networks, mounts }));

  it('is the same after a restart and a rename', () => {
    const restarted = {
      front: {
        IPAMConfig: {},
        Aliases: ['api', OLD_ID.slice(0, 12)],
        IPAddress: '10.0.0.10',
        EndpointID: 'e2',
        MacAddress: 'm2',
      },
    };
    const again = aContainer({
      name: 'other',
      networks: restarted,
      mounts: [...mounts].reverse(),
      state: { StartedAt: 'later' },
    });
    expect(configHash(again)).toBe(base);
  });

  it('is the same after the engine was restarted, which fills in the empty DNS settings', () => {
    const hash = (Dns: unknown) =>
      configHash(aContainer({ hostConfig: { Dns, DnsOptions: Dns, DnsSearch: Dns, MaskedPaths: Dns } }));
    const restarted = aContainer({
      hostConfig: { Dns: [], DnsOptions: [], DnsSearch: [], MaskedPaths: null },
    });
    expect(configHash(restarted)).toBe(hash(null));
    // No masked paths at all are something else than the engine's own.
    expect(hash([])).not.toBe(hash(null));
    expect(hash(['192.0.2.1'])).not.toBe(hash(null));
  });

  it.each([
    ['environment', { config: { Env: ['A=1'] } }],
    ['restart policy', { hostConfig: { RestartPolicy: { Name: 'no', MaximumRetryCount: 0 } } }],
    ['memory limit', { hostConfig: { Memory: 5 } }],
    ['mounts', { mounts: mounts.slice(1) }],
    ['networks', { networks: { ...networks, back: {} } }],
  ])('changes with the %s', (_part, change) => {
    expect(configHash(aContainer({ networks, mounts, ...change }))).not.toBe(base);
  });
});
