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
