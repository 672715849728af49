import type { App } from '../../../src/app.js';
import { messageOf, Refusal } from '../../../src/errors.js';
import type { Outcome } from '../suite.js';
import type { Ground } from './ground.js';
import { DEATHS, isClick, RIDDEN_OUT } from './ills.js';
import { drained, judgeEnd } from './judge.js';
import { type Effect, type Line, lineOver, type Mishap } from './line.js';
import { newestRun, nextAct, type Wish } from './person.js';
import type { Strategy } from './strategies.js';

/** One run that is told what to do, by whom, and what goes wrong in it. */
export type Course = Wish & {
  readonly mishaps: readonly Mishap[];
  /** Whether looks are counted among the effects. */
  readonly looks?: boolean;
};

export type Played = Outcome & { readonly effects: readonly Effect[]; readonly told: readonly string[] };

/** More acts of a person than any run needs; then it does not come to an end. */
const MOST_ACTS = 14;
/** After so many tries in a row that change nothing a person goes back, or calls somebody. */
const PATIENCE = 3;

const isDeath = (error: unknown): boolean => error instanceof Error && error.name === 'SimulatedCrash';

/** Whether the last so many acts of the person left the run where it was. */
const inVain = (phases: readonly string[]): boolean =>
  phases.length > PATIENCE && phases.slice(-PATIENCE - 1).every((phase) => phase === phases.at(-1));

/**
 * Waits for the work under way, for clicks that were made meanwhile and what they set going, for hosts to answer again, and
 * for what the timer finds to do then.
 */
const atRest = async (ground: Ground, line: Line, app: App): Promise<void> => {
  const { clock, silence, scene } = ground;
  const settled = async (): Promise<void> => {
    const run = newestRun(ground);
    if (run) await app.settled(run.id);
  };
  await settled();
  await line.rest();
  await settled();
  if (silence.until > clock.now()) await clock.sleep(silence.until - clock.now() + 1);
  if (scene.cloud.crashed) return;
  ground.strike();
  // What the timer begins it begins behind the turn of decisions.
  await clock.sleep(1);
  await settled();
};

/** Lives and acts, one after the other, until the person has nothing left to do. */
const toTheEnd = async (ground: Ground, line: Line, asked: Wish): Promise<string | undefined> => {
  const { cloud } = ground.scene;
  const phases: string[] = [];
  let wish = asked;
  let app: App | undefined;
  for (let acts = 0; acts < MOST_ACTS; acts += 1) {
    try {
      if (cloud.crashed || app === undefined) {
        cloud.nextLife();
        app = undefined;
        line.serves(undefined);
        app = await ground.born(line.journal());
        line.serves(app);
        const left = newestRun(ground);
        if (left) await app.settled(left.id);
        // It died once more, at the load balancers.
        if (cloud.crashed) continue;
        line.found(await drained(ground), 'after a start of the bot');
      }
      phases.push(newestRun(ground)?.phase ?? 'none');
      if (inVain(phases)) {
        if (phases.at(-1) !== 'paused' || wish.person === 'rollback') return undefined;
        wish = { ...wish, person: 'rollback' };
        phases.length = 0;
      }
      const act = nextAct(ground, wish);
      if (!act) return undefined;
      await act(app).catch((error: unknown) => {
        if (!(error instanceof Refusal)) throw error;
      });
      await atRest(ground, line, app);
    } catch (error) {
      if (!isDeath(error)) throw error;
    }
  }
  return `after ${MOST_ACTS} acts of a person it has not ended: ${phases.join(', ')}`;
};

/** What comes before the part goes well. */
const prepare = async (ground: Ground, line: Line, { strategy, part }: Wish): Promise<void> => {
  if (part === 'forward') return;
  await toTheEnd(ground, line, { strategy, part: 'forward', person: 'resume' });
  if (newestRun(ground)?.phase !== 'upgraded')
    throw new Error(`${strategy.name}: an upgrade without a fault failed`);
};

const isViolent = ({ ill }: Mishap): boolean =>
  !RIDDEN_OUT.includes(ill) && !DEATHS.includes(ill) && !isClick(ill);

/**
 * Where a unit may find nothing to start for a while: somebody else started or ended something; or nobody can stop it, the
 * bot died over the old one's stop, and a rename took longer than the unit's next try.
 */
const unitsMayFail = ({ unitsInReach }: Strategy, mishaps: readonly Mishap[]): boolean =>
  mishaps.some(isViolent) ||
  (!unitsInReach &&
    mishaps.some(({ ill }) => DEATHS.includes(ill)) &&
    mishaps.some(({ ill }) => RIDDEN_OUT.includes(ill)));

export const play = async ({ mishaps, looks = false, ...wish }: Course): Promise<Played> => {
  const ground = await wish.strategy.ground({ unitsMayFail: unitsMayFail(wish.strategy, mishaps) });
  const line = lineOver(ground, { mishaps, looks });
  await prepare(ground, line, wish);
  line.arm();
  const endless = await toTheEnd(ground, line, wish).catch((error: unknown) => `threw: ${messageOf(error)}`);
  await line.rest();
  line.disarm();
  const run = newestRun(ground);
  const why = await judgeEnd({ ground, line, run, wish, mishaps });
  ground.clock.end();
  return {
    why: [...(endless === undefined ? [] : [endless]), ...why],
    end: run?.phase ?? 'nothing',
    effects: line.effects,
    told: line.told,
  };
};
