import { Refusal } from '../errors.js';
import type { RunEvent } from '../run/event.js';
import type { Reserve } from './reserve.js';

/** Events with which people begin something that may need thousands more. What ends or undoes something is always taken. */
const BEGINNINGS: readonly RunEvent['kind'][] = [
  'requested',
  'approved',
  'broke-glass',
  'finalize-approved',
  'finalizing',
];

/**
 * Asked while the reserve is low: throws `disk-full` for the beginning of something while the reserve cannot be made whole. Each such event tries to, and
 * so does a resume, which is taken in any case: the step that was begun has to be brought to its end.
 */
export const requireRoom = async (
  { kind }: RunEvent,
  { folder, reserve }: { readonly folder: string; readonly reserve: Reserve },
): Promise<void> => {
  if (kind !== 'resumed' && !BEGINNINGS.includes(kind)) return;
  if ((await reserve.fill()) || kind === 'resumed') return;
  throw new Refusal(
    'disk-full',
    `The disk of the state folder ${folder} is full, so nothing new is begun.`,
    'Make room there (8 MiB at least), then ask again. What is under way can still be rolled back or cancelled.',
  );
};
