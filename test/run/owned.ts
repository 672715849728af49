import { expect } from 'vitest';
import type { Journal } from '../../src/run/journal.js';
import { virtualClock } from '../../src/sim/clock.js';
import { type Watch, type WatchOptions, watchInvariants } from '../../src/sim/invariants.js';
import { memoryJournal } from '../../src/store/memory.js';
import type { KollaScene } from '../sim/kolla.js';
import { cinderCloud, type KollaOptions, running, withoutPorts } from './scene.js';

/**
 * How a unit's container is stopped and started: through the unit, whose own stop is long enough or (as Kolla's is) too
 * short; or past the unit, which cannot be reached.
 */
export const KINDS = ['unit, long stop', 'unit, short stop', 'rename-first'] as const;
export type Kind = (typeof KINDS)[number];

export type OwnedWorld = {
  readonly scene: KollaScene;
  readonly kept: Journal;
  readonly watch: Watch;
  /** The bot's process stands still, and nothing else does: milliseconds. */
  stall(ms: number): void;
};

/** Every further container makes each list of faults longer, and shows nothing new. */
const leaveOnly = async (scene: KollaScene, name: string): Promise<void> => {
  const { cloud } = scene;
  for (const [unit, file] of cloud.unitFiles('node1')) {
    if (file.name === name) continue;
    await cloud.operatorUnits('node1').stop(unit);
    await cloud.operator('node1').remove(file.name);
    cloud.unitFiles('node1').delete(unit);
  }
};

/** A cloud of one API whose container systemd owns, in virtual time. */
export const ownedWorld = async (
  kind: Kind,
  options: KollaOptions & { readonly watch?: WatchOptions } = {},
): Promise<OwnedWorld> => {
  const { watch, ...shape } = options;
  const clock = virtualClock();
  const made = withoutPorts(
    await cinderCloud({
      services: ['cinder'],
      systemd: kind === 'unit, long stop' ? { stopSeconds: 600 } : true,
      clock,
      delays: { call: 5, start: 300, stop: 2_000, hang: 30_000 },
      config: { health: { interval: '1s', successes: 3, minimum: '5s', deadline: '60s' } },
      ...shape,
    }),
  );
  if (shape.services === undefined) await leaveOnly(made, 'cinder_api');
  const scene: KollaScene = kind === 'rename-first' ? { ...made, units: () => new Map() } : made;
  const mayRemove: WatchOptions['mayRemove'] = ({ name }) => name.includes('__prev_');
  return {
    scene,
    kept: memoryJournal({ clock: clock.now }),
    watch: watchInvariants(scene.cloud, { mayRemove, ...watch }),
    stall: clock.advance,
  };
};

/** Exactly one version runs, under its name, and every unit watches what bears its name. */
export const expectSound = async ({ scene, watch }: OwnedWorld, tag: string): Promise<void> => {
  expect(watch.violations).toEqual([]);
  expect(await watch.atRest()).toEqual([]);
  expect([...new Set(Object.values(await running(scene)))]).toEqual([tag]);
};

/** Starts of the busiest unit that count towards its limit. */
export const mostStarts = (scene: KollaScene): number =>
  Math.max(...[...scene.cloud.unitFiles('node1').values()].map(({ starts }) => starts.length));
