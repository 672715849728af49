import { type Clock, realClock } from '../probes/clock.js';
import { OVER } from '../run/phase.js';
import type { Run } from '../run/run.js';
import { callBudget } from './budget.js';
import { copies } from './copies.js';
import type { Place } from './delivery.js';
import { type KeeperOptions, keeper, type Pace } from './keeper.js';
import { lanes } from './lanes.js';
import { isPromptSlot, PROMPT_PHASES, type Prompt, promptsOf } from './prompts.js';
import { slotsOf } from './slots.js';

export const PACE: Pace = {
  updateMs: 2_500,
  retryMs: 1_000,
  retryMostMs: 15_000,
  updatesPerMinute: 45,
};

/** After a restart, runs that ended longer ago than this (milliseconds) are left as they stand. */
const RECENT_MS = 86_400_000;

export type AnnounceOptions = Omit<KeeperOptions, 'pace' | 'budget' | 'clock'> & {
  readonly pace?: Partial<Pace>;
  /** For tests: hours of outage in an instant. */
  readonly clock?: Clock;
};

const hasAsked = (run: Run): boolean =>
  PROMPT_PHASES.includes(run.phase) || Object.keys(run.messages).some(isPromptSlot);

/**
 * Keeps the messages of every run equal to what the run's views say. Nothing is queued: whenever something happened,
 * each message is compared with what was last sent, and only the latest is sent. A failing Slack never stops a run;
 * what could not be sent is tried again by state.
 */
export const announcer = ({ pace: wanted, ...options }: AnnounceOptions) => {
  const { app, log, clock = realClock } = options;
  const pace = { ...PACE, ...wanted };
  const budget = callBudget({ updatesPerMinute: pace.updatesPerMinute, clock });
  const keep = keeper({ ...options, clock, pace, budget });
  const stray = copies({ ...options, clock, pace, budget });
  const recovering = new Set<string>();
  /** Runs by the place of their root message. */
  const threads = new Map<string, string>();

  const learnThread = ({ id, messages: { root } }: Run): void => {
    if (root) threads.set(`${root.channel}/${root.ts}`, id);
  };

  /** One message as the run is now, not as it was when the look began. A view that throws stops only its own message. */
  const tend = async (id: string, name: string, prompts: readonly Prompt[]): Promise<number> => {
    const run = app.run(id);
    const slot = slotsOf(run, prompts, app.config).find((one) => one.name === name);
    try {
      return slot ? await keep.tend(run, slot) : 0;
    } catch (error) {
      log.error({ run: id, slot: name, err: error }, 'a message could not be drawn');
      return 0;
    }
  };

  /** One look at all messages of a run, in their order. */
  const lookAt = async (id: string): Promise<number> => {
    const run = app.run(id);
    learnThread(run);
    const recovers = recovering.delete(id);
    const prompts =
      recovers || hasAsked(run) || keep.inDoubt(run) ? promptsOf(await app.eventsOf(run.id)) : [];
    const slots = slotsOf(run, prompts, app.config);
    if (recovers) for (const { name } of slots) keep.doubt(run, name);
    let next = 0;
    let blocked = false;
    for (const { name, late, channel } of slots) {
      // What goes to another channel waits for nothing in this one.
      if (blocked && channel === undefined) continue;
      const due = await tend(id, name, prompts);
      if (due > 0) next = next === 0 ? due : Math.min(next, due);
      // Later messages wait for one that is not there yet, so that a thread keeps its order.
      blocked ||= (name === 'root' || (due > 0 && !late)) && !keep.placeOf(app.run(id), name);
    }
    return next;
  };

  /** Copies come last, so that what a lost answer left in doubt is known by then where it can be. */
  const lookAtAll = async (id: string): Promise<number> => {
    const next = await lookAt(id);
    const copy = await stray.tend(id, (ts) => keep.slotAt(app.run(id), ts) !== undefined);
    return next > 0 && copy > 0 ? Math.min(next, copy) : Math.max(next, copy);
  };

  const lane = lanes({ lookAt: lookAtAll, log, clock });
  const gatherMs = wanted?.gatherMs ?? 0;
  const unsubscribe = app.subscribe((id) => {
    if (id !== undefined) lane.lookWithin(id, gatherMs);
  });

  return {
    /** Draws again what a dead process may have left behind; runs that ended long ago stay as they are. */
    recover: (runs: readonly Run[]): void => {
      for (const run of runs) {
        learnThread(run);
        if (OVER.includes(run.phase) && Date.parse(run.lastEventAt) < clock.now() - RECENT_MS) continue;
        recovering.add(run.id);
        lane.look(run.id);
      }
    },
    /** The run whose root message a thread hangs from. */
    runOfThread: (channel: string, ts: string): string | undefined => threads.get(`${channel}/${ts}`),
    /** A person saw a message out of date: it is sent again although it has not changed, and a copy loses its buttons. */
    redraw: (run: Run, clicked: Place): void => {
      const slot = keep.slotAt(run, clicked.ts);
      if (slot === undefined && !stray.clicked(run.id, clicked)) return;
      if (slot !== undefined) keep.distrust(run, slot);
      lane.look(run.id);
    },
    /** True when nothing is being sent and nothing waits. */
    idle: lane.idle,
    /** Sends what waits, for at most `graceMs` milliseconds, then falls silent. */
    stop: async (graceMs = 3_000): Promise<void> => {
      unsubscribe();
      keep.hurry();
      await lane.close(graceMs);
    },
  };
};

export type Announcer = ReturnType<typeof announcer>;
