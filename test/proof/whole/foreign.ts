import type { Engine } from '../../../src/engine/port.js';
import { unitOf } from '../../../src/engine/units.js';
import { messageOf } from '../../../src/errors.js';
import type { SimContainer } from '../../../src/sim/container.js';
import { baseName } from '../../../src/sim/invariants.js';
import { installKollaConfig } from '../../../src/sim/kolla-config.js';
import { kollaBody } from '../../../src/sim/kolla-shape.js';
import { OLD } from './small-cloud.js';
import type { Stage } from './stage.js';

/** What a foreign hand did, for those who judge: whose container of which host, until when, and whether it came to its end. */
export type Meddled = {
  readonly host: string;
  readonly base: string;
  readonly what: Meddling;
  /** Infinite while it is under way: a unit's start alone may take a minute. */
  until: number;
  failed: boolean;
};

export const MEDDLINGS = ['recreates', 'renames', 'removes the kept one', 'takes the name', 'stops'] as const;
export type Meddling = (typeof MEDDLINGS)[number];

export type Foreign = {
  readonly done: readonly Meddled[];
  /** Ids of containers that are theirs. */
  readonly theirs: ReadonlySet<string>;
  /** kolla-ansible, or a person at the host, does something to the service's container on that host now. */
  meddle(host: string): Promise<void>;
};

type Group = {
  readonly base: string;
  readonly bearer: SimContainer | undefined;
  readonly kept: SimContainer | undefined;
};

const POSSIBLE: Readonly<Record<Meddling, (group: Group) => boolean>> = {
  recreates: () => true,
  renames: ({ bearer }) => bearer !== undefined,
  'removes the kept one': ({ kept }) => kept !== undefined,
  'takes the name': ({ bearer }) => bearer === undefined,
  stops: ({ bearer }) => bearer !== undefined,
};

/** A hand at the host that knows nothing of any run. */
export const foreignHand = (stage: Stage): Foreign => {
  const { scene, shape, diary, clock } = stage;
  const { cloud } = scene;
  const random = stage.random.fork('foreign');
  const done: Meddled[] = [];
  const theirs = new Set<string>();

  const groupOn = (hostName: string): Group => {
    const names = scene.containers.filter(({ service }) => service === shape.service).map(({ name }) => name);
    const base = `${shape.prefix}${random.pick(names)}`;
    const all = [...cloud.host(hostName).containers.values()].filter(({ name }) => baseName(name) === base);
    return {
      base,
      bearer: all.find(({ name }) => name === base),
      kept: all.find(({ name }) => name.includes('__prev_')),
    };
  };

  const create = async (host: string, engine: Engine, base: string): Promise<void> => {
    const entry = scene.containers.find(({ name }) => `${shape.prefix}${name}` === base);
    if (!entry) return;
    // A tool that deploys an image which does not run takes the service down by itself.
    const release = random.pick(shape.target === 'good' ? scene.releases.map(({ id }) => id) : [OLD]);
    const ref = scene.ref(entry.name, release);
    await engine.pull(ref);
    if (shape.configs) installKollaConfig(cloud.host(host).files, entry, release);
    const { address } = cloud.host(host);
    const installed = { ref, address, prefix: shape.prefix, restartPolicy: shape.restartPolicy, env: [] };
    const id = await engine.create(base, { body: kollaBody(entry, installed), connect: [] });
    theirs.add(id);
    if (shape.owner === 'engine') await engine.start(id);
    else await cloud.operatorUnits(host).start(unitOf(base));
  };

  const recreate = async (host: string, engine: Engine, { base, bearer }: Group): Promise<void> => {
    if (shape.owner !== 'engine') await cloud.operatorUnits(host).stop(unitOf(base));
    if (bearer) {
      await engine.stop(bearer.id, 10);
      await engine.remove(bearer.id);
    }
    await create(host, engine, base);
  };

  const acts: Readonly<Record<Meddling, (host: string, engine: Engine, group: Group) => Promise<void>>> = {
    recreates: recreate,
    renames: async (_host, engine, { base, bearer }) => {
      if (bearer) await engine.rename(bearer.id, `${base}_by_hand`);
    },
    'removes the kept one': async (_host, engine, { kept }) => {
      if (kept) await engine.remove(kept.id);
    },
    'takes the name': async (host, engine, { base, bearer }) => {
      if (!bearer) await create(host, engine, base);
    },
    stops: async (_host, engine, { bearer }) => {
      if (bearer) await engine.stop(bearer.id, 10);
    },
  };

  return {
    done,
    theirs,
    meddle: async (host) => {
      const group = groupOn(host);
      const what = random.pick(MEDDLINGS.filter((one) => POSSIBLE[one](group)));
      const act: Meddled = {
        host,
        base: group.base,
        what,
        until: Number.POSITIVE_INFINITY,
        failed: false,
      };
      done.push(act);
      diary.tell(`a foreign hand ${what}: ${group.base} on ${host}`);
      await acts[what](host, cloud.operator(host), group).catch((error: unknown) => {
        act.failed = true;
        diary.tell(`the foreign hand failed: ${messageOf(error)}`);
      });
      act.until = clock.now();
    },
  };
};
