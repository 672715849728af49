import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAULTS, type Fault } from '../../src/sim/faults.js';
import { type RealDocker, realDocker } from '../engine/real-docker.js';
import { answer, once, onlyRun, orDeath } from '../run/mishaps.js';
import { BOB, type Life, upgradeTo } from '../run/scene.js';
import { describeUnless } from '../setup/left-out.js';
import {
  bornInto,
  type Case,
  callsOf,
  caseOf,
  expectAtRest,
  inject,
  type Kind,
  killed,
  NEW,
  OLD,
  stage,
  unitTimesOf,
} from './case.js';
import { missingForSystemd } from './host.js';
import { installUnits } from './kolla-unit.js';
import { openPark, type Park } from './park.js';

const found = await realDocker('faults');

/** Every mutating call of an upgrade and of going back, as a run without a fault makes them (tested below). */
const CALLS = {
  unit: {
    there: ['create', 'unit clear', 'unit stop', 'rename', 'rename', 'unit start'],
    back: ['unit clear', 'unit stop', 'rename', 'rename', 'unit start', 'remove'],
  },
  'unit-short': {
    there: ['create', 'unit clear', 'stop', 'unit stop', 'rename', 'rename', 'unit start'],
    back: ['unit clear', 'stop', 'unit stop', 'rename', 'rename', 'unit start', 'remove'],
  },
  'rename-first': {
    there: ['create', 'rename', 'rename', 'stop'],
    back: ['rename', 'rename', 'stop', 'remove'],
  },
} as const;

/** With a short unit only the stop is another one: engine first, unit after it. */
const isPlayed = (kind: Kind, call: string): boolean =>
  kind !== 'unit-short' || ['unit clear', 'stop', 'unit stop'].includes(call);

type Play = {
  readonly kind: Kind;
  readonly part: 'there' | 'back';
  readonly nth: number;
  readonly call: string;
  readonly fault: Exclude<Fault, 'ok'>;
  /** What a person answers after a crash on the way there. */
  readonly how: 'resume' | 'rollback';
};

const KINDS: readonly Kind[] = ['unit', 'unit-short', 'rename-first'];
const isCrash = (fault: Fault): boolean => fault.startsWith('crash');

/** The slow ones first, so that the end is not one long case. */
const PLAYS: readonly Play[] = [...KINDS]
  .reverse()
  .flatMap((kind) =>
    (['there', 'back'] as const).flatMap((part) =>
      CALLS[kind][part].flatMap((call, index) =>
        FAULTS.flatMap((fault) =>
          (isCrash(fault) && part === 'there'
            ? (['resume', 'rollback'] as const)
            : (['rollback'] as const)
          ).map((how): Play => ({ kind, part, nth: index + 1, call, fault, how })),
        ).filter(() => isPlayed(kind, call)),
      ),
    ),
  );

const titleOf = ({ kind, part, nth, call, fault, how }: Play): string =>
  `${kind}, ${part}, call ${nth} (${call}): ${fault}${isCrash(fault) && part === 'there' ? `, then ${how}` : ''}`;

/** After a crash nobody comes at once: past RestartSec a unit has acted by itself. */
const RESTART_MS = 11_000;
const absence = (fault: Fault): number => (fault === 'crash-after' ? RESTART_MS + 2_000 : 0);

describeUnless(
  'leftOut' in found ? found.leftOut : missingForSystemd(),
  'one call that goes wrong, with real systemd',
  () => {
    const real = found as RealDocker;
    let park: Park;
    const plays = PLAYS.map((play, index) => ({ play, one: caseOf(real, `c${index}`, play.kind) }));
    const plain = KINDS.map((kind) => caseOf(real, `${kind}0`, kind));

    beforeAll(async () => {
      park = await openPark(real, [OLD, NEW]);
      await installUnits(park.host, [...plays.map(({ one }) => one), ...plain].map(unitTimesOf), 'stopped');
    });
    afterAll(async () => {
      await park?.close();
    });

    const afterDeath = async (one: Case, fault: Fault, life: Life): Promise<Life> => {
      if (!one.session.crash) return life;
      await sleep(absence(fault));
      return bornInto(one, park);
    };

    const there = async ({ play, one }: { play: Play; one: Case }): Promise<void> => {
      const dying = await bornInto(one, park);
      inject(one, once(play.nth, play.fault));
      await orDeath(upgradeTo(dying.app, NEW));
      expect(one.session.crash !== undefined).toBe(isCrash(play.fault));
      const life = await afterDeath(one, play.fault, dying);
      const run = await answer(life, onlyRun(one.kept).id, play.how);
      const ends = play.fault === 'refuse' || (isCrash(play.fault) && play.how === 'rollback') ? OLD : NEW;
      expect([run.phase, run.notes]).toEqual([ends === NEW ? 'upgraded' : 'rolled-back', []]);
      expect(killed(one, park)).toEqual([]);
      await expectAtRest(one, park, ends);
    };

    const back = async ({ play, one }: { play: Play; one: Case }): Promise<void> => {
      const dying = await bornInto(one, park);
      const { id } = await upgradeTo(dying.app, NEW);
      inject(one, once(play.nth, play.fault));
      await orDeath(dying.app.rollback(BOB, id).then(() => dying.app.settled(id)));
      const life = await afterDeath(one, play.fault, dying);
      const run = await answer(life, id, 'rollback');
      expect([run.phase, run.notes]).toEqual(['rolled-back', []]);
      expect(killed(one, park)).toEqual([]);
      await expectAtRest(one, park, OLD);
    };

    describe.concurrent('ends with one version, its unit active, nothing killed and nothing left over', {
      timeout: 180_000,
    }, () => {
      for (const one of plain)
        test(`${one.kind}: without a fault`, async () => {
          const { there: going, back: coming } = CALLS[one.kind];
          await stage(one, park);
          const life = await bornInto(one, park);
          inject(one);
          const { id } = await upgradeTo(life.app, NEW);
          expect(callsOf(one)).toEqual(going);
          await life.app.rollback(BOB, id);
          expect((await life.app.settled(id)).phase).toBe('rolled-back');
          expect(callsOf(one).slice(going.length)).toEqual(coming);
          expect(killed(one, park)).toEqual([]);
          await expectAtRest(one, park, OLD);
        });

      for (const { play, one } of plays)
        test(titleOf(play), async () => {
          await stage(one, park);
          await (play.part === 'there' ? there : back)({ play, one });
        });
    });

    test('and no unit ran into its start limit', async () => {
      expect(await park.host.sh('journalctl -b')).not.toContain('repeated too quickly');
    });
  },
);
