import { describe, expect, test } from 'vitest';
import { serviceNamed } from '../../src/catalogue/index.js';
import { EngineError } from '../../src/engine/port.js';
import type { UnitState, Units } from '../../src/engine/units.js';
import type { Observation } from '../../src/plan/observe.js';
import { observeService } from '../../src/plan/observe.js';
import { observeOwners } from '../../src/plan/owners.js';
import { kollaCloud } from '../sim/kolla.js';

const observation = async (host: object = {}, restartPolicy = 'no'): Promise<Observation> => {
  const { cloud, config } = await kollaCloud({ services: ['placement'], restartPolicy });
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
const units = (read: Units['read'], forbidden?: string): Units => ({
  host: 'node1',
  read,
  forbidden: async () => forbidden,
  clear: () => Promise.reject(new Error('a plan clears nothing')),
  stop: () => Promise.reject(new Error('a plan stops nothing')),
  start: () => Promise.reject(new Error('a plan starts nothing')),
});

const planned = async (
  state: Partial<UnitState> | undefined | Error,
  host: object = {},
  forbidden?: string,
) => {
  const read = async (): Promise<UnitState | undefined> => {
    if (state instanceof Error) throw state;
    return state && { ...ACTIVE, ...state };
  };
  const { owners, problems } = await observeOwners(await observation(host), () => units(read, forbidden));
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
  const { findings, text } = await planned(undefined, { supervisor: 'systemd' });
  expect(findings).toEqual(['warn unit-missing']);
  expect(text).toContain(
    'If that is meant, take `supervisor` away in the hosts file and start Stackswap again',
  );
});

test('a unit that Stackswap may only look at blocks, before a run stands at its first order', async () => {
  const { findings, text } = await planned({}, {}, 'sudo does not let the SSH user run systemctl stop');
  expect(findings).toEqual(['block unit-no-rights']);
  expect(text).toContain(
    `${UNIT} owns placement_api on node1, and Stackswap may not stop and start it: sudo does not let`,
  );
  expect(text).toContain('`sudo: true` and a sudoers file');
});

test('a simulated systemd that lets nobody act is told from one that does, and acts accordingly', async () => {
  const { cloud, config } = await kollaCloud({ services: ['placement'], systemd: {} });
  const seen = await observeService(serviceNamed('placement'), config, cloud.operator);
  const codes = async () => (await observeOwners(seen, cloud.units)).problems.map(({ code }) => code);
  expect(await codes()).not.toContain('unit-no-rights');
  const unit = cloud.unitFiles('node1').get(UNIT);
  if (unit) unit.forbidden = 'Access denied';
  expect(await codes()).toContain('unit-no-rights');
  await expect(cloud.units('node1').stop(UNIT)).rejects.toMatchObject({ status: 403, unknown: false });
});

describe('where the hosts file says supervisor: none, a container without a restart policy', () => {
  const none = { supervisor: 'none' };

  test('is left to the engine if systemd knows no unit of it', async () => {
    expect(await planned(undefined, none)).toEqual({ owner: undefined, findings: [], text: '' });
  });

  test.each(['active', 'activating', 'deactivating'] as const)(
    'blocks if its unit is %s: it would fight the swap',
    async (activeState) => {
      const { owner, findings, text } = await planned({ activeState }, none);
      expect([owner, findings]).toEqual([undefined, ['block unit-denied']]);
      expect(text).toContain(`${UNIT} owns placement_api`);
      expect(text).toContain('take `supervisor: none` of the host away');
    },
  );

  test.each([
    [{ activeState: 'inactive' as const }, 'is idle'],
    [new Error('no route to host'), 'cannot be asked'],
  ])('is doubted if its unit %s %s', async (state, _how) => {
    const { owner, findings, text } = await planned(state, none);
    expect([owner, findings]).toEqual([undefined, ['warn nobody-starts']]);
    expect(text).toContain(`systemctl status ${UNIT}`);
  });

  test('is doubted without SSH, and with a restart policy it is not', async () => {
    const codes = async (seen: Observation) =>
      (await observeOwners(seen, () => undefined)).problems.map(({ code }) => code);
    expect(await codes(await observation(none))).toEqual(['nobody-starts']);
    expect(await codes(await observation(none, 'unless-stopped'))).toEqual([]);
  });
});
