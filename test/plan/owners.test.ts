import { expect, test } from 'vitest';
import { serviceNamed } from '../../src/catalogue/index.js';
import { EngineError } from '../../src/engine/port.js';
import type { UnitState, Units } from '../../src/engine/units.js';
import type { Observation } from '../../src/plan/observe.js';
import { observeService } from '../../src/plan/observe.js';
import { observeOwners } from '../../src/plan/owners.js';
import { kollaCloud } from '../sim/kolla.js';

const observation = async (host: object = {}): Promise<Observation> => {
  const { cloud, config } = await kollaCloud({ services: ['placement'], restartPolicy: 'no' });
  const seen = await observeService(serviceNamed('placement'), config, cloud.operator);
  return {
    ...seen,
    hosts: seen.hosts.map((one) => {
      const { supervisor: _none, ...rest } = one.host;
      return { ...one, host: { ...rest, ...host } };
    }),
  };
};

const ACTIVE: UnitState = {
  activeState: 'active',
  subState: 'running',
  enabled: true,
  stopSeconds: 80,
  restartSeconds: 11,
};

/** systemd of a host in which every unit is in that state. */
const units = (read: Units['read']): Units => ({
  host: 'node1',
  read,
  clear: () => Promise.reject(new Error('a plan clears nothing')),
  stop: () => Promise.reject(new Error('a plan stops nothing')),
  start: () => Promise.reject(new Error('a plan starts nothing')),
});

const planned = async (state: Partial<UnitState> | undefined | Error, host: object = {}) => {
  const read = async (): Promise<UnitState | undefined> => {
    if (state instanceof Error) throw state;
    return state && { ...ACTIVE, ...state };
  };
  const { owners, problems } = await observeOwners(await observation(host), () => units(read));
  return {
    owner: owners.get('node1/placement_api'),
    findings: problems.map(({ level, code }) => `${level} ${code}`),
    text: problems.map(({ text, wayOut }) => `${text} ${wayOut ?? ''}`).join('\n'),
  };
};

const UNIT = 'kolla-placement_api-container.service';

test('a unit that is active, enabled and patient owns its container, and nothing is wrong', async () => {
  expect(await planned({})).toEqual({
    owner: { kind: 'unit', unit: UNIT, stopSeconds: 80 },
    findings: [],
    text: '',
  });
});

test('with Kolla’s 60 s for an API that may need 80 s the plan says what is done about it', async () => {
  const { findings, text } = await planned({ stopSeconds: 60 });
  expect(findings).toEqual(['warn unit-stop-short']);
  expect(text).toContain(
    'gives placement_api 60 s to stop, and it may need 80 s. Stackswap ends it by the engine',
  );
});

test('a unit that would start it again at once cannot be stopped in time', async () => {
  expect((await planned({ stopSeconds: 60, restartSeconds: 0.1 })).findings).toEqual([
    'block unit-restarts-fast',
  ]);
  expect((await planned({ stopSeconds: null, restartSeconds: 2 })).findings).toEqual([
    'block unit-restarts-fast',
  ]);
  expect((await planned({ restartSeconds: 0.1 })).findings).toEqual([]);
});

test('a container that runs past its unit blocks', async () => {
  const { findings, text } = await planned({ activeState: 'failed', subState: 'failed' });
  expect(findings).toEqual(['block unit-inactive']);
  expect(text).toContain(`systemctl start ${UNIT}`);
});

test('a unit that a reboot would not start is told', async () => {
  expect((await planned({ enabled: false })).findings).toEqual(['warn unit-not-enabled']);
});

test('units that cannot be read block: whether one owns the container is unknown', async () => {
  const { owner, findings } = await planned(
    new EngineError('node1', 'systemctl show', 'no route to host', true),
  );
  expect([owner, findings]).toEqual([undefined, ['block units-unreadable']]);
});

test('without a unit the engine alone owns the container; where the hosts file says otherwise the plan tells', async () => {
  expect(await planned(undefined)).toEqual({ owner: undefined, findings: [], text: '' });
  expect((await planned(undefined, { supervisor: 'systemd' })).findings).toEqual(['warn unit-missing']);
});

test('a host with supervisor: none is not asked', async () => {
  expect((await planned(new Error('asked'), { supervisor: 'none' })).findings).toEqual([]);
});
