import type { App } from '../../../src/app.js';
import { Refusal } from '../../../src/errors.js';
import { ANN, upgrade } from '../bot.js';
import { RELEASES, type Version } from './images.js';
import { type Ended, judged, newestRun } from './person.js';
import { KINDS, type Kind, nameOfPoint, type Plan, type Point, withFaults } from './spoiled.js';
import type { Scene, Trial } from './trials.js';
import { journalProblems, problemsOf } from './verdict.js';

export type Does = 'upgrade' | 'rollback';

/** What may become of it because of its faults, beside what was asked for. */
type May = { readonly goBack?: () => boolean; readonly refuse?: true };

const fromOf = (does: Does): Version => (does === 'upgrade' ? 'old' : 'new');

/** A bot that could not look has changed nothing; a proposal that nobody could approve is taken back. */
const nothingBegun = async (app: App, does: Does): Promise<Ended> => {
  const [newest] = await app.history(ANN, 'keystone');
  if (newest?.phase === 'proposed') await app.cancel(ANN, newest.id);
  return { ends: fromOf(does), problems: [] };
};

const perform = async (app: App, { does, run }: { does: Does; run: string }, may: May): Promise<Ended> => {
  if (does === 'rollback') {
    await app.rollback(ANN, run);
    return judged(app, await app.settled(run), 'rolled-back');
  }
  const ended = await upgrade(app, { service: 'keystone', to: RELEASES.new });
  if (may.refuse && ['voided', 'failed'].includes(ended.phase)) return nothingBegun(app, does);
  return judged(app, ended, may.goBack?.() ? 'rolled-back' : 'upgraded');
};

/** One upgrade or rollback of which requests are spoiled, and what is not as it must be after it. */
const spoiled = async (
  scene: Scene,
  does: Does,
  { plan, may = {} }: { plan: Plan; may?: May },
): Promise<Ended> => {
  const { stand, guard } = scene;
  const run = (await newestRun(stand))?.id ?? '';
  const { ends, problems } = await withFaults(scene, plan, (app) =>
    perform(app, { does, run }, may).catch((error: unknown) => {
      if (!may.refuse || !(error instanceof Refusal)) throw error;
      return nothingBegun(app, does);
    }),
  );
  return {
    ends,
    problems: [
      ...problems,
      ...guard.problems(),
      ...(await problemsOf(stand, ends)),
      ...(await journalProblems(stand)),
    ],
  };
};

export type Course = {
  readonly does: Does;
  /** The changing requests of a run to which nothing happens, in their order. */
  readonly points: readonly Point[];
  /** Numbers of the requests that only look. */
  readonly looks: readonly number[];
};

export const courseOf = async (scene: Scene, does: Does): Promise<Course> => {
  const points: Point[] = [];
  const looks: number[] = [];
  const plan: Plan = {
    at: () => undefined,
    met: (point) => points.push(point),
    look: (number) => {
      looks.push(number);
      return undefined;
    },
  };
  const { problems } = await spoiled(scene, does, { plan });
  if (problems.length > 0) throw new Error(`a run to which nothing happened: ${problems.join('; ')}`);
  return { does, points, looks };
};

type Fault = { readonly point: Point; readonly kind: Kind };

/** An engine's 500 to the start of the new one is its last word (a missing program, say): the run goes back by itself. */
const isFatal = (does: Does, { kind, point }: Fault): boolean =>
  does === 'upgrade' && kind === 'HTTP 500' && point.call === 'start new keystone';

/** Each fault strikes the first request at its point; what the bot tries again after it goes through. */
const faultTrial = (does: Does, title: string, faults: readonly Fault[]): Trial => ({
  from: fromOf(does),
  title,
  perform: async (scene) => {
    const left = new Map(faults.map(({ point, kind }) => [nameOfPoint(point), kind]));
    const at = (point: Point): Kind | undefined => {
      const kind = left.get(nameOfPoint(point));
      left.delete(nameOfPoint(point));
      return kind;
    };
    const goBack = () => left.size === 0 && faults.some((fault) => isFatal(does, fault));
    const { ends, problems } = await spoiled(scene, does, { plan: { at }, may: { goBack } });
    return { ends, problems, struck: left.size === 0, faults: faults.length - left.size };
  },
});

const faultsOf = ({ points }: Course): readonly Fault[] =>
  points.flatMap((point) => KINDS.map((kind) => ({ point, kind })));

/** Each kind at each changing request, one fault in a run. */
export const singleFaults = (course: Course): readonly Trial[] =>
  faultsOf(course).map((fault) =>
    faultTrial(course.does, `${course.does}, ${fault.kind}: ${nameOfPoint(fault.point)}`, [fault]),
  );

/**
 * The same faults in as few runs as there are kinds: in each run every changing request meets one, in the next run
 * another. What ends a run has one of its own.
 */
export const sweptFaults = (course: Course): readonly Trial[] => {
  const { does, points } = course;
  const fatal = faultsOf(course).filter((fault) => isFatal(does, fault));
  const sweeps = KINDS.map((_kind, round) => {
    const faults = points.flatMap((point, index): Fault[] => {
      const kind = KINDS[(index + round) % KINDS.length];
      return kind && !isFatal(does, { point, kind }) ? [{ point, kind }] : [];
    });
    return faultTrial(does, `${does}, a fault at every change, round ${round + 1}`, faults);
  });
  const alone = fatal.map((fault) =>
    faultTrial(does, `${does}, ${fault.kind}: ${nameOfPoint(fault.point)}`, [fault]),
  );
  return [...sweeps, ...alone];
};

/** Each request that only looks meets one kind, another than the one before it. */
export const lookFaults = ({ does, looks }: Course): readonly Trial[] =>
  looks.flatMap((number, index): Trial[] => {
    const kind = KINDS[index % KINDS.length];
    return kind ? [lookTrial(does, number, kind)] : [];
  });

const lookTrial = (does: Does, number: number, kind: Kind): Trial => ({
  from: fromOf(does),
  title: `${does}, ${kind}: look, request ${number}`,
  perform: async (scene) => {
    let struck = false;
    const look = (asked: number): Kind | undefined => {
      if (asked !== number) return undefined;
      struck = true;
      return kind;
    };
    const ended = await spoiled(scene, does, { plan: { at: () => undefined, look }, may: { refuse: true } });
    return { ...ended, struck, faults: struck ? 1 : 0 };
  },
});
