import type { Part, RunEvent } from './event.js';
import type { Run, StepState } from './run.js';

const changeStep = (run: Run, part: Part, index: number, change: Partial<StepState>): Run => ({
  ...run,
  [part]: run[part].map((step, at) => (at === index ? { ...step, ...change } : step)),
});

/** A migration that ended badly and is begun again was asked for by a person: it runs anew, in a container of its own. */
const withoutFailedTry = (run: Run, part: Part, index: number): Run => {
  const state = run[part][index];
  if (run.plan[part][index]?.kind !== 'migrate' || state?.status !== 'failed' || !state.exitCode) return run;
  const {
    exitCode: _ended,
    createdId: _gone,
    revisionAfter: _seen,
    tail: _log,
    logFile: _file,
    ...again
  } = state;
  const retried: StepState = { ...again, ranBefore: true };
  return { ...run, [part]: run[part].map((step, at) => (at === index ? retried : step)) };
};

const withoutOpenCall = (run: Run, part: Part, index: number): Run => ({
  ...run,
  [part]: run[part].map(({ openSince, ...step }, at) =>
    at === index || openSince === undefined ? step : { ...step, openSince },
  ),
});

/** Calls that leave everything as it serves: they bring an image, a container beside the old one, or only ask. */
const BESIDE: readonly string[] = ['pull', 'create', 'exec'];

/** What an event says about a step. */
export const foldStep = (run: Run, event: RunEvent, at: string): Run => {
  switch (event.kind) {
    case 'step-started':
      return changeStep(withoutFailedTry(run, event.part, event.index), event.part, event.index, {
        status: 'started',
        startedAt: at,
      });
    case 'call':
      return changeStep(
        run.cutAt !== undefined || run.direction !== 'forward' || BESIDE.includes(event.op)
          ? run
          : { ...run, cutAt: at },
        event.part,
        event.index,
        { lastCall: `${event.op} ${event.target}`, openSince: at },
      );
    case 'call-ended':
      return event.unknown ? run : withoutOpenCall(run, event.part, event.index);
    case 'created':
      return changeStep(run, event.part, event.index, {
        createdId: event.id,
        ...(event.spec === undefined ? {} : { spec: event.spec }),
      });
    case 'stand-in':
      return changeStep(run, 'steps', event.index, { standInId: event.id });
    case 'config-kept':
      return changeStep(run, event.part, event.index, { configKeeperId: event.id });
    case 'ready':
      return changeStep(run, event.part, event.index, { ready: event.report });
    case 'pulled':
      return changeStep(run, event.part, event.index, { pulledImageId: event.imageId });
    case 'revision':
      return changeStep(
        run,
        event.part,
        event.index,
        event.at === 'before' ? { revisionBefore: event.revision } : { revisionAfter: event.revision },
      );
    case 'migrated':
      return changeStep(run, event.part, event.index, {
        exitCode: event.exitCode,
        tail: event.tail,
        ...(event.file ? { logFile: event.file } : {}),
      });
    case 'health':
      return changeStep(
        run,
        event.part,
        event.index,
        run.direction === 'back' ? { backHealth: event.report } : { health: event.report },
      );
    case 'downtime':
      if (event.frontDoor)
        return event.part === 'rollback'
          ? run
          : changeStep(run, event.part, event.index, { frontDowntime: event.report });
      return event.part === 'rollback'
        ? changeStep(run, 'steps', event.index, { backDowntime: event.report })
        : changeStep(run, event.part, event.index, { downtime: event.report });
    case 'step-done':
      return changeStep(run, event.part, event.index, { status: 'done', endedAt: at });
    case 'step-failed':
      return changeStep(run, event.part, event.index, { status: 'failed', endedAt: at, why: event.why });
    case 'undone':
      return changeStep(run, 'steps', event.index, { status: 'undone', endedAt: at });
    case 'kept-log':
      return changeStep(run, 'steps', event.index, { keptLog: event.tail });
    default:
      return run;
  }
};
