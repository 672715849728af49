import type { Run } from '../../src/run/run.js';
import { type Build, tagOf } from '../cloud/images.js';
import { type Gap, gapOf, now } from '../prober/sample.js';
import { ANN, BEN, type Stage } from './stage.js';
import { eventsOf, type Timeline, timelineOf } from './timeline.js';

/** Asks and approves, and waits until nothing is being done any more. A run that asks people goes on: the engine is shared. */
const upgrade = async ({ app }: Stage, build: Build): Promise<Run> => {
  const { id } = await app.upgrade(ANN, { service: 'placement', to: tagOf(build), overrides: {} });
  await app.approve(BEN, id);
  const run = await app.settled(id);
  if (run.phase !== 'paused') return run;
  await app.resume(ANN, id);
  return app.settled(id);
};

const requirePhase = (run: Run, phase: Run['phase']): void => {
  if (run.phase !== phase)
    throw new Error(
      `the run is ${run.phase} and not ${phase}: ${run.why ?? run.asked?.why ?? 'no reason given'}`,
    );
};

const unhold = ({ app }: Stage): Promise<void> => app.unhold(ANN, 'placement');

export type Exchange = {
  readonly gap: Gap;
  readonly timeline: Timeline;
  /** From the answered start to the first good answer as the probe saw it; negative when the answer came first. */
  readonly answerMs: number;
};

export type Upgraded = Exchange & { readonly run: string };

/** One upgrade from the old to the new build. */
export const upgradeOnce = async (stage: Stage): Promise<Upgraded> => {
  const { app, prober } = stage;
  await prober.begin();
  const run = await upgrade(stage, 'new');
  requirePhase(run, 'upgraded');
  const answered = await prober.answers('new');
  const gap = gapOf(await prober.take());
  const timeline = timelineOf((await eventsOf(app, run.id)).forward);
  return { run: run.id, gap, timeline, answerMs: answered - timeline.startedAt };
};

/** `clickMs`: from the call of `app.rollback` to the old build's first answer. */
export type Back = Exchange & { readonly clickMs: number };

/** Back to the old build by one click, and the service released for the next round. */
export const rollBackOnce = async (stage: Stage, id: string): Promise<Back> => {
  const { app, prober } = stage;
  await prober.begin();
  const clicked = now();
  await app.rollback(BEN, id);
  const answered = await prober.answers('old', clicked);
  requirePhase(await app.settled(id), 'rolled-back');
  const gap = gapOf(await prober.take());
  const timeline = timelineOf((await eventsOf(app, id)).back);
  await unhold(stage);
  return { gap, timeline, answerMs: answered - timeline.startedAt, clickMs: answered - clicked };
};

/** A bad build: `verdictMs` from the answered start to the decision to go back, `backMs` from there to the old answer. */
export type Failed = { readonly gap: Gap; readonly verdictMs: number; readonly backMs: number };

export const failOnce = async (stage: Stage, build: Build): Promise<Failed> => {
  const { app, prober } = stage;
  await prober.begin();
  const run = await upgrade(stage, build);
  requirePhase(run, 'rolled-back');
  const samples = await prober.take();
  await unhold(stage);
  const { forward, back } = await eventsOf(app, run.id);
  const { startedAt } = timelineOf(forward);
  const decidedAt = back[0]?.at ?? Number.NaN;
  const goodAgain = samples
    .filter(({ at, release }) => release === 'old' && at > startedAt)
    .map(({ at }) => at);
  return {
    gap: gapOf(samples),
    verdictMs: decidedAt - startedAt,
    backMs: Math.min(...goodAgain) - decidedAt,
  };
};
