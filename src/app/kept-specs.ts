import { z } from 'zod';
import { canonical } from '../engine/canonical.js';
import { containerInspect, imageInspect } from '../engine/inspect.js';
import { messageOf } from '../errors.js';
import type { Log } from '../log.js';
import type { Journal } from '../run/journal.js';
import { OVER } from '../run/phase.js';
import type { State } from '../run/run.js';
import type { Specs } from '../steps/context.js';
import type { Blobs } from '../store/blobs.js';

const keptSpec = z.strictObject({ old: containerInspect, oldImage: imageInspect });

/** What moves by itself is no configuration: without it the same container is kept once, however often it is upgraded. */
const AT_REST = {
  RestartCount: 0,
  State: { Status: 'exited', Running: false, ExitCode: 0, StartedAt: '0001-01-01T00:00:00Z' },
};

/**
 * Whole configurations of old containers, environment values and all, from before their swap: the one place where
 * those are stored.
 */
export const keptSpecs = (blobs: Blobs): Specs => ({
  keep: ({ old, oldImage }) => blobs.keep(canonical({ old: { ...old, ...AT_REST }, oldImage })),
  read: async (name) => {
    const text = await blobs.read(name);
    return text === undefined ? undefined : keptSpec.parse(JSON.parse(text));
  },
});

/** After the end of its run a configuration is kept this long, for a person who looks what was; milliseconds. */
const KEEP_MS = 30 * 86_400_000;

/** Names of the configurations that a run may still go back to, or that ended not long ago. */
export const wantedSpecs = (state: State, now: number): ReadonlySet<string> =>
  new Set(
    Object.values(state.runs)
      .filter(({ phase, lastEventAt }) => !OVER.includes(phase) || now - Date.parse(lastEventAt) < KEEP_MS)
      .flatMap(({ steps }) => steps.flatMap(({ spec }) => spec ?? [])),
  );

/** Removes what nobody can go back to any more. A folder that cannot be swept is said, and keeps nobody from starting. */
export const sweepSpecs = async (
  blobs: Blobs,
  { journal, now, log }: { journal: Journal; now: number; log: Pick<Log, 'warn'> },
): Promise<void> => {
  try {
    await blobs.sweep(wantedSpecs(journal.state(), now));
  } catch (error) {
    log.warn({ err: messageOf(error) }, 'old configurations could not be removed from blobs');
  }
};
