import { unitOf } from '../engine/units.js';
import type { SimCloud } from './cloud.js';
import type { SimUnit } from './unit-life.js';

export type UnitWish = true | { readonly stopSeconds?: number; readonly restartSeconds?: number };

/** The unit that kolla_systemd_worker.py writes for a container. */
export const kollaUnit = (name: string, wish: UnitWish): SimUnit => ({
  unit: unitOf(name),
  name,
  enabled: true,
  stopSeconds: 60,
  restartSeconds: 11,
  state: 'inactive',
  starts: [],
  ...(wish === true ? {} : wish),
});

/** Puts a unit on a host and starts it, as kolla-ansible does with each container that it creates. */
export const installUnit = async (cloud: SimCloud, host: string, unit: SimUnit): Promise<void> => {
  cloud.unitFiles(host).set(unit.unit, unit);
  await cloud.operatorUnits(host).start(unit.unit);
};
