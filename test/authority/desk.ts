import type { Background } from '../../src/app/background.js';
import { decisionsOf } from '../../src/app/deciding.js';
import type { Desk } from '../../src/app/desk.js';
import { type Exclusive, exclusiveSection } from '../../src/app/exclusive.js';
import { admission, type Guarded } from '../../src/app/guard.js';
import type { Recognise } from '../../src/authority/known.js';
import { type Config, configSchema } from '../../src/config.js';
import { Refusal } from '../../src/errors.js';
import type { Actor, RunEvent } from '../../src/run/event.js';
import type { Journal } from '../../src/run/journal.js';
import type { Hold, Run } from '../../src/run/run.js';
import type { Workshop } from '../../src/run/runner.js';
import { samplePlan } from '../builders.js';

export const SUBJECT: Actor = { id: 'U0SUB', name: 'Sue', door: 'slack' };
export const OTHER: Actor = { id: 'U0OTHER', name: 'Otto', door: 'slack' };

/** A plan that touches nothing, so that only people and phases decide. */
export const EMPTY_PLAN = samplePlan({ steps: [], finalize: [] });

export const configWith = (change: Record<string, unknown>): Config =>
  configSchema.parse({ channel: 'C0OPS', hosts: [{ name: 'a', engine: 'unix:///x' }], ...change });

const notReached = (what: string) => (): never => {
  throw new Error(`${what} was asked in a test of decisions`);
};

const NOW = Date.parse('2026-11-22T10:10:00.000Z');

type Stage = {
  readonly config: Config;
  readonly run: Run;
  readonly hold?: Hold;
  readonly recognise: Recognise;
};

/** Nothing follows from a decision. */
export const AT_REST: Background = {
  kick: () => undefined,
  tidy: () => undefined,
  settled: async () => undefined,
  atMost: async () => undefined,
  tendStranded: async () => undefined,
  tendDrained: () => undefined,
};

/** Decisions over one run that stands still: what would be journaled is collected, and nothing follows from it. */
export const deskOver = ({ config, run, hold, recognise }: Stage) => {
  const journaled: RunEvent[] = [];
  const journal: Pick<Journal, 'state' | 'append'> = {
    state: () => ({ runs: { [run.id]: run }, holds: hold ? { [hold.service]: hold } : {} }),
    append: async (_run, event) => void journaled.push(event),
  };
  const workshop = {
    journal,
    config,
    clock: { now: () => NOW, sleep: async () => undefined },
    engineOf: notReached('an engine'),
    unitsOf: () => undefined,
    tail: (text: string) => text,
  } as unknown as Workshop;
  const exclusive: Exclusive = exclusiveSection();
  const desk: Desk = {
    workshop,
    background: AT_REST,
    exclusive,
    recognise,
    newId: () => 'r2',
  };
  return { decisions: decisionsOf(desk), admit: admission(config, recognise), journaled };
};

type Decisions = ReturnType<typeof deskOver>['decisions'];
export type RunVerb = Exclude<keyof Decisions, 'upgrade'>;

/** What a method is called with behind the run. */
const SAID: Partial<Record<RunVerb, readonly string[]>> = {
  breakGlass: ['a reason of more than twenty characters'],
  review: ['looked at it, all is well'],
};

/** `yes`, or the code of the refusal. A `yes` without anything journaled is a lie and throws. */
export const outcomeOf = async (
  stage: Stage,
  {
    verb,
    method,
    actor,
  }: { verb: Parameters<ReturnType<typeof admission>>[1]; method: RunVerb; actor: Actor },
): Promise<string> => {
  const { decisions, admit, journaled } = deskOver(stage);
  const act = decisions[method] as Guarded['approve'];
  try {
    await act(await admit(actor, verb), stage.run.id, ...(SAID[method] ?? []));
  } catch (error) {
    if (error instanceof Refusal && journaled.length === 0) return error.code;
    throw error;
  }
  if (journaled.length === 0) throw new Error(`${verb} was let through, and nothing was journaled`);
  return 'yes';
};
