export type DiskCall = {
  /** Counts from 1 over the whole life of the disk. */
  readonly number: number;
  readonly what:
    | 'open'
    | 'append'
    | 'sync'
    | 'truncate'
    | 'read'
    | 'rename'
    | 'rm'
    | 'mkdir'
    | 'chmod'
    | 'sync-folder';
  readonly path: string;
};

/**
 * What becomes of a call: an error with this `code` (an append leaves a part behind, a sync may have lost its pages), or
 * the death of the process before it, in the midst of it or after it.
 */
export type DiskFate = { readonly code: string } | 'dies-before' | 'dies-amid' | 'dies-after' | undefined;

const NEVER = new Promise<never>(() => undefined);

type Act<T> = {
  readonly act: () => T;
  /** How much of it happens where it does not happen wholly; `failed` where that is told. */
  readonly amid?: (failed: boolean) => void;
};

/** The calls of one process. Those of a dead process never settle: it does nothing any more, not even go wrong. */
export const diskCalls = (
  next: (call: Omit<DiskCall, 'number'>) => DiskFate,
  error: (code: string, call: Omit<DiskCall, 'number'>) => Error,
) => {
  let alive = true;
  let tell: () => void = () => undefined;
  const died = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const die = (): void => {
    alive = false;
    tell();
  };
  const call = async <T>(what: DiskCall['what'], path: string, { act, amid }: Act<T>): Promise<T> => {
    await Promise.resolve();
    if (!alive) return NEVER;
    const fate = next({ what, path });
    if (typeof fate === 'object') {
      amid?.(true);
      throw error(fate.code, { what, path });
    }
    if (fate === 'dies-amid') amid?.(false);
    const answer = fate === undefined || fate === 'dies-after' ? act() : undefined;
    if (fate === undefined) return answer as T;
    die();
    return NEVER;
  };
  return { call, die, died, alive: () => alive };
};

export type DiskCalls = ReturnType<typeof diskCalls>;
