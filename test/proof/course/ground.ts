import { dirname } from 'node:path';
import type { App } from '../../../src/app.js';
import { unitOf } from '../../../src/engine/units.js';
import type { Folders } from '../../../src/kolla/folder.js';
import { treeOf } from '../../../src/kolla/tree.js';
import { redactor } from '../../../src/redact.js';
import type { Journal } from '../../../src/run/journal.js';
import { type VirtualClock, virtualClock } from '../../../src/sim/clock.js';
import { type Watch, watchInvariants } from '../../../src/sim/invariants.js';
import { kollaConfig } from '../../../src/sim/kolla-config.js';
import { memoryJournal } from '../../../src/store/memory.js';
import { filesOn } from '../../run/configured.js';
import { bornOver, cinderCloud, withoutPorts } from '../../run/scene.js';
import type { KollaScene } from '../../sim/kolla.js';

/** A simulated cloud in virtual time, what is judged of it, and a way to be born over it again. */
export type Ground = {
  readonly scene: KollaScene;
  readonly clock: VirtualClock;
  readonly kept: Journal;
  readonly watch: Watch;
  readonly was: ReadonlyMap<string, Was>;
  /** Every file of a host that containers bind, with owner and mode, as one text each. */
  readonly files: ReadonlyMap<string, Readonly<Record<string, string>>>;
  born(journal: Journal): Promise<App>;
  /** The timer of the life that is under way strikes. */
  strike(): void;
  /** Until this moment of the clock some host answers nobody; milliseconds since the epoch. */
  readonly silence: { until: number };
};

/** A container as it was before anything was done. */
export type Was = { readonly host: string; readonly name: string; readonly id: string };

export type GroundOptions = {
  readonly shape: NonNullable<Parameters<typeof cinderCloud>[0]>;
  /** Only this container stays on the hosts: every further one makes each list of faults longer, and shows nothing new. */
  readonly only?: string;
  /** The hosts' units cannot be reached. */
  readonly blind?: boolean;
  /** The running release gets a newer build; otherwise the next release is the target. */
  readonly rebuilt?: boolean;
  readonly unitsMayFail?: boolean;
};

/** One for all clouds: what it has learned of one it need not learn of the next, and nothing here is shown to anybody. */
const shared = redactor();

const DELAYS = { call: 5, start: 300, stop: 2_000, hang: 30_000 };

/** Minutes pass in an instant, so these may be as long as in the hosts file of a real cloud. */
const HEALTH = { interval: '1s', successes: 3, minimum: '3s', deadline: '60s' };

const FOLDER = '/rendered';

/** What the target kolla-ansible would have rendered, without a file system. */
const renderedFolders = (containers: KollaScene['containers']): Folders => ({
  said: async () => undefined,
  read: async (folder) => {
    const release = folder.slice(FOLDER.length + 1).split('/')[0] ?? '';
    const entry = containers.find(({ name }) => folder.endsWith(`/${name.replaceAll('_', '-')}`));
    if (!entry) throw new Error(`nothing is rendered in ${dirname(folder)}`);
    const files = Object.entries(kollaConfig(entry, release)).map(([path, text]) => ({
      path,
      mode: 0o640,
      uid: 0,
      gid: 0,
      content: Buffer.from(text),
    }));
    return treeOf(files);
  },
});

const leaveOnly = async ({ cloud, hosts, containers }: KollaScene, kept: string): Promise<void> => {
  for (const { name: host } of hosts)
    for (const { name } of containers.filter((entry) => entry.name !== kept)) {
      const unit = unitOf(name);
      if (cloud.unitFiles(host).has(unit)) await cloud.operatorUnits(host).stop(unit);
      cloud.unitFiles(host).delete(unit);
      await cloud.operator(host).stop(name, 10);
      await cloud.operator(host).remove(name);
    }
};

const asItWas = ({ cloud }: KollaScene): ReadonlyMap<string, Was> =>
  new Map(
    cloud.hosts.flatMap((host) =>
      [...host.containers.values()].map(({ name, id }) => [
        `${host.name}/${name}`,
        { host: host.name, name, id },
      ]),
    ),
  );

/** Run ids that are the same each time. */
const countedIds = (): (() => string) => {
  let count = 0;
  return () => {
    count += 1;
    return `r${count.toString(16).padStart(8, '0')}`;
  };
};

export const newGround = async (options: GroundOptions): Promise<Ground> => {
  const clock = virtualClock(undefined, { turns: 'ticks' });
  const { shape } = options;
  const made = withoutPorts(
    await cinderCloud({
      clock,
      delays: DELAYS,
      ...(options.rebuilt ? { releases: [{ id: '2025.1' }] } : {}),
      ...shape,
      config: {
        health: HEALTH,
        ...(shape.configs ? { target_config: { folder: `${FOLDER}/{release}/{host}` } } : {}),
        ...shape.config,
      },
    }),
  );
  if (options.rebuilt) made.rebuild('2025.1', 'b2');
  if (options.only !== undefined) await leaveOnly(made, options.only);
  const unprepared = made.config.hosts.map((host) => ({ ...host, config_fits: [] }));
  const configured = shape.configs ? { ...made, config: { ...made.config, hosts: unprepared } } : made;
  const scene: KollaScene = options.blind ? { ...configured, units: () => new Map() } : configured;
  const kept = memoryJournal({ clock: clock.now });
  let timers: readonly (() => void)[] = [];
  const newId = countedIds();
  return {
    scene,
    clock,
    kept,
    watch: watchInvariants(scene.cloud, {
      unitsMayFail: options.unitsMayFail ?? false,
      mayRemove: () => Object.values(kept.state().runs).some(({ direction }) => direction === 'finalize'),
    }),
    was: asItWas(scene),
    files: new Map(scene.hosts.map(({ name }) => [name, filesOn(scene, name)])),
    silence: { until: 0 },
    strike: () => {
      for (const work of timers) work();
    },
    born: async (journal) => {
      timers = [];
      const { app } = await bornOver(scene, journal, {
        newId,
        redactor: shared,
        every: (_ms, work) => {
          timers = [...timers, work];
          return () => undefined;
        },
        folders: renderedFolders(scene.containers),
      });
      return app;
    },
  };
};
