import { describe, expect, it } from 'vitest';
import { joinedTo, unsupported } from '../../src/engine/clone.js';
import { aContainer, OLD_ID } from './inspect-builder.js';

describe('containers joined to another', () => {
  it('are found by network, ipc, pid and volumes, by id, short id or name', () => {
    const target = aContainer();
    const other = (name: string, hostConfig: Record<string, unknown>, digit: string) =>
      aContainer({ id: digit.repeat(64), name, hostConfig });
    const all = [
      target,
      other('by_id', { NetworkMode: `container:${OLD_ID}` }, '2'),
      other('by_name', { IpcMode: 'container:cinder_api' }, '3'),
      other('by_short', { PidMode: `container:${OLD_ID.slice(0, 12)}` }, '4'),
      other('volumes', { VolumesFrom: ['cinder_api:ro'] }, '5'),
      other('stranger', { NetworkMode: 'container:cinder_api_2', VolumesFrom: ['cinder'] }, '6'),
    ];
    expect(joinedTo(target, all)).toEqual([
      { name: 'by_id', by: 'network' },
      { name: 'by_name', by: 'ipc' },
      { name: 'by_short', by: 'pid' },
      { name: 'volumes', by: 'volumes-from' },
    ]);
  });
});

describe('a container that cannot be copied', () => {
  it('says why, and an ordinary one says nothing', () => {
    expect(unsupported(aContainer())).toEqual([]);
    expect(unsupported(aContainer({ hostConfig: { NetworkMode: 'host' }, networks: { host: {} } }))).toEqual(
      [],
    );
    const odd = unsupported(
      aContainer({
        config: { Labels: { 'com.docker.swarm.task.id': 'x' } },
        hostConfig: { AutoRemove: true, Links: ['/db:/cinder_api/db'], NetworkMode: 'left' },
      }),
    );
    expect(odd.map((sentence) => /--rm|--link|has left|Swarm/.exec(sentence)?.[0])).toEqual([
      '--rm',
      '--link',
      'has left',
      'Swarm',
    ]);
  });
});
