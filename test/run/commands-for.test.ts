import { expect, test } from 'vitest';
import { commandsFor } from '../../src/run/commands-for.js';
import { idOf, seen, swapOf } from '../builders.js';

const UNIT = 'kolla-cinder_api-container.service';
const NEW = idOf('new');
const [old, made] = [seen('cinder_api').id.slice(0, 12), NEW.slice(0, 12)];

test('a person stuck with a container of the engine is told to stop, rename and start it', () => {
  expect(commandsFor(swapOf('cinder_api'), 'r1', NEW)).toEqual([
    `docker stop -t 60 ${made}`,
    `docker rename ${made} cinder_api__failed`,
    `docker rename ${old} cinder_api    # may be cinder_api__prev_r1 now`,
    'docker start cinder_api',
    'docker update --restart=unless-stopped cinder_api',
  ]);
});

test.each(['unit', 'rename-first'] as const)(
  'a person stuck with a container of a unit goes through it (%s)',
  (kind) => {
    const step = swapOf('cinder_api', { owner: { kind, unit: UNIT } });
    const said = commandsFor(step, 'r1', NEW);
    expect(said[0]).toBe(`docker stop -t 60 ${made}; systemctl stop ${UNIT}`);
    expect(said).toContain(`systemctl reset-failed ${UNIT}; systemctl start ${UNIT}`);
    expect(said.join()).not.toContain('docker start');
    expect(commandsFor(step, 'r1', undefined)[0]).toBe(`systemctl stop ${UNIT}`);
  },
);
