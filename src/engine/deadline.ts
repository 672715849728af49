const SECOND = 1_000;

/** Milliseconds for each kind of call; the stop's come on top of the grace given to the container. */
export type Deadlines = {
  readonly look: number;
  readonly create: number;
  readonly change: number;
  readonly start: number;
  readonly stop: number;
  /** Until a wait that may last hours is asked anew. */
  readonly wait: number;
  readonly registry: number;
  /** A pull may last as long as bytes keep coming; this is the longest silence. */
  readonly pullSilence: number;
};

export const DEADLINES: Deadlines = {
  look: 10 * SECOND,
  create: 60 * SECOND,
  change: 15 * SECOND,
  start: 60 * SECOND,
  stop: 30 * SECOND,
  wait: 60 * SECOND,
  registry: 30 * SECOND,
  pullSilence: 120 * SECOND,
};

const spell = (ms: number): string => (ms < SECOND ? `${ms} ms` : `${ms / SECOND} s`);

/** A timer that can be pushed back; `expired` rejects when it was not pushed back for `ms`. */
export const silenceTimer = (ms: number, what: string) => {
  let timer: NodeJS.Timeout | undefined;
  let give: (error: Error) => void = () => undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    give = reject;
  });
  const pushBack = () => {
    clearTimeout(timer);
    timer = setTimeout(() => give(new Error(`${what} within ${spell(ms)}`)), ms);
  };
  pushBack();
  return { expired, pushBack, stop: () => clearTimeout(timer) };
};

/** The first of the works to settle, or a rejection after `ms`. */
export const within = async <T>(ms: number, ...works: readonly Promise<T>[]): Promise<T> => {
  const timer = silenceTimer(ms, 'no answer');
  try {
    return await Promise.race([...works, timer.expired]);
  } finally {
    timer.stop();
  }
};
