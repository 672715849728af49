import { EngineError } from '../engine/port.js';
import { messageOf } from '../errors.js';
import type { StepContext } from './context.js';

export type Action = {
  readonly host: string;
  /** Docker's word for the call. */
  readonly op: string;
  readonly target: string;
  /** Looks whether the effect is there already; errors of the engine are retried. */
  readonly satisfied: () => Promise<boolean>;
  readonly call: () => Promise<void>;
  /**
   * Any answer with a status is the last word, a 5xx too. An engine answers a start with 500 when the image has not the
   * user or the program: trying again for a minute would only lengthen the gap.
   */
  readonly answerIsFinal?: boolean;
};

/** A clear "no" of the engine: trying again will not change it. A conflict (409) can pass, so it is looked at first. */
const isFinal = (error: unknown, answerIsFinal = false): boolean =>
  !(error instanceof EngineError) ||
  (error.status !== undefined && (answerIsFinal || (!error.unknown && error.status < 500)));

type Patient = Pick<StepContext, 'clock' | 'patience'>;

const pauseOf = (context: Patient, attempt: number): Promise<void> =>
  context.clock.sleep(Math.min(context.patience.pauseMs * 2 ** attempt, context.patience.maxPauseMs));

/** Reads from an engine, with patience for one that does not answer for the moment. */
export const look = async <T>(context: Patient, read: () => Promise<T>): Promise<T> => {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await read();
    } catch (error) {
      if (isFinal(error) || attempt + 1 >= context.patience.tries) throw error;
      await pauseOf(context, attempt);
    }
  }
};

/** Journals the intent, calls, journals the end; gives back the error instead of throwing it. */
const callOnce = async (context: StepContext, { host, op, target, call }: Action): Promise<unknown> => {
  const { part, index, emit, clock } = context;
  await emit({ kind: 'call', part, index, host, op, target });
  try {
    // A roll back that was accepted while the intent was written still comes in time.
    context.checkpoint();
  } catch (error) {
    await emit({ kind: 'call-ended', part, index, op, target, ms: 0, error: 'not made' });
    throw error;
  }
  const began = clock.now();
  let failure: unknown;
  try {
    await call();
  } catch (error) {
    failure = error;
  }
  const ms = clock.now() - began;
  await emit({
    kind: 'call-ended',
    part,
    index,
    op,
    target,
    ms,
    ...(failure === undefined ? {} : { error: context.tail(messageOf(failure)) }),
    ...(failure instanceof EngineError && failure.unknown ? { unknown: true as const } : {}),
  });
  return failure;
};

/**
 * Look, act, look again: a call is made only while its effect is missing, and an error is believed only when the effect
 * is still missing afterwards (a cut connection looks the same before and after the call was applied).
 */
export const act = async (context: StepContext, action: Action): Promise<void> => {
  for (let attempt = 0; ; attempt += 1) {
    if (await look(context, action.satisfied)) return;
    if (attempt === 0) context.checkpoint();
    const failure = await callOnce(context, action);
    if (failure === undefined) return;
    if (await look(context, action.satisfied)) return;
    const hopeless =
      isFinal(failure, action.answerIsFinal) && !(context.stubborn && failure instanceof EngineError);
    if (hopeless || attempt + 1 >= context.patience.tries) throw failure;
    await pauseOf(context, attempt);
  }
};
