import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { UnitState } from '../../src/engine/units.js';
import { type RealDocker, realDocker } from '../engine/real-docker.js';
import { answer, once, onlyRun, orDeath } from '../run/mishaps.js';
import { BOB, upgradeTo } from '../run/scene.js';
import { describeUnless } from '../setup/left-out.js';
import {
  bornInto,
  type Case,
  caseOf,
  expectAtRest,
  inject,
  type Kind,
  NEW,
  OLD,
  SERVICE,
  stage,
  standing,
  unitTimesOf,
} from './case.js';
import { missingForSystemd } from './host.js';
import { installUnits } from './kolla-unit.js';
import { openPark, type Park } from './park.js';

const found = await realDocker('reboot');

/**
 * What the boot brings when the bot dies with the host right after that call; `none` where nothing bears the name. The
 * calls themselves are those of test/systemd/faults.test.ts.
 */
const THERE: Readonly<Record<Kind, readonly (readonly [call: string, boots: string])[]>> = {
  unit: [
    ['create', OLD],
    ['unit clear', OLD],
    ['unit stop', OLD],
    ['rename of the old one', 'none'],
    ['rename of the new one', NEW],
    ['unit start', NEW],
  ],
  'unit-short': [
    ['create', OLD],
    ['unit clear', OLD],
    ['stop', OLD],
    ['unit stop', OLD],
  ],
  'rename-first': [
    ['create', OLD],
    ['rename of the old one', 'none'],
    ['rename of the new one', NEW],
    ['stop of the old one', NEW],
  ],
};
const BACK: typeof THERE = {
  unit: [
    ['unit clear', NEW],
    ['unit stop', NEW],
    ['rename of the new one', 'none'],
    ['rename of the old one', OLD],
    ['unit start', OLD],
    ['remove', OLD],
  ],
  'unit-short': [
    ['unit clear', NEW],
    ['stop', NEW],
    ['unit stop', NEW],
  ],
  'rename-first': [
    ['rename of the new one', 'none'],
    ['rename of the old one', OLD],
    ['stop of the new one', OLD],
    ['remove', OLD],
  ],
};

type Play = {
  readonly kind: Kind;
  readonly part: 'there' | 'back';
  readonly nth: number;
  readonly call: string;
  readonly boots: string;
  readonly how: 'resume' | 'rollback';
};

const KINDS: readonly Kind[] = ['unit', 'unit-short', 'rename-first'];

const PLAYS: readonly Play[] = KINDS.flatMap((kind) => [
  ...THERE[kind].flatMap(([call, boots], index) =>
    (['resume', 'rollback'] as const).map((how) => ({
      ...{ kind, part: 'there' as const, nth: index + 1, call, boots, how },
    })),
  ),
  ...BACK[kind].map(([call, boots], index) => ({
    ...{ kind, part: 'back' as const, nth: index + 1, call, boots, how: 'rollback' as const },
  })),
]);

const titleOf = ({ kind, part, call, boots, how }: Play): string =>
  `${kind}, ${part}, after ${call}: ${boots === 'none' ? 'nothing runs' : `${boots} runs`}, and ${how} ends it`;

/** Bots and containers at once before the power is cut. */
const AT_ONCE = 12;

const inTurns = async <T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> => {
  for (let from = 0; from < all.length; from += AT_ONCE)
    await Promise.all(all.slice(from, from + AT_ONCE).map(work));
};

type Booted = { readonly running: readonly string[]; readonly unit: UnitState | undefined };

describeUnless(
  'leftOut' in found ? found.leftOut : missingForSystemd(),
  'a host that loses its power in the middle of a swap',
  () => {
    const real = found as RealDocker;
    const plays = PLAYS.map((play, index) => ({ play, one: caseOf(real, `c${index}`, play.kind) }));
    const booted = new Map<Case, Booted>();
    let park: Park;

    /** Plays a case until the bot dies. */
    const untilDeath = async ({ play, one }: (typeof plays)[number]): Promise<void> => {
      await stage(one, park);
      const { app } = await bornInto(one, park);
      const fault = once(play.nth, 'crash-after');
      if (play.part === 'there') {
        inject(one, fault);
        await orDeath(upgradeTo(app, NEW));
      } else {
        const { id } = await upgradeTo(app, NEW);
        inject(one, fault);
        await orDeath(app.rollback(BOB, id).then(() => app.settled(id)));
      }
      if (!one.session.crash) throw new Error(`${titleOf(play)}: nobody died`);
    };

    /** Nothing survives: the containers' processes end with those of the host. */
    const cutPower = (): Promise<void> =>
      park.host.reboot(async () => {
        const all = (await real.engine.list()).filter(
          ({ name, state }) => plays.some(({ one }) => name.startsWith(one.prefix)) && state === 'running',
        );
        await Promise.all(all.map(({ id }) => real.docker.getContainer(id).kill()));
      });

    const lookAt = async (one: Case): Promise<void> => {
      const running = (await standing(one, park)).filter((line) => line.endsWith(' running'));
      booted.set(one, { running, unit: await park.units.read(one.unit) });
    };

    beforeAll(async () => {
      park = await openPark(real, [OLD, NEW]);
      await installUnits(
        park.host,
        plays.map(({ one }) => unitTimesOf(one)),
        'stopped',
      );
      await inTurns(plays, untilDeath);
      await cutPower();
      // Units that boot reaches are started by now; their engine needs a moment for so many at once.
      await sleep(10_000);
      await inTurns(
        plays.map(({ one }) => one),
        lookAt,
      );
    }, 300_000);
    afterAll(async () => {
      await park?.close();
    });

    describe.concurrent('boots with one version at most', { timeout: 180_000 }, () => {
      for (const { play, one } of plays)
        test(titleOf(play), async () => {
          const { running, unit } = booted.get(one) ?? {};
          expect(running).toEqual(play.boots === 'none' ? [] : [`${SERVICE} ${play.boots} running`]);
          // Without a container its docker command is tried again and again, and is active for a moment each time.
          if (play.boots !== 'none') expect(unit?.activeState).toBe('active');
          const run = await answer(await bornInto(one, park), onlyRun(one.kept).id, play.how);
          const ends = play.how === 'resume' ? NEW : OLD;
          expect([run.phase, run.notes]).toEqual([ends === NEW ? 'upgraded' : 'rolled-back', []]);
          await expectAtRest(one, park, ends);
        });
    });
  },
);
