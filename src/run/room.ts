import { noWayBack } from './going-back.js';
import type { Bench } from './runner.js';

export const NO_ROOM =
  'The disk of the bot’s state folder is full. What had been begun was brought to an end, and nothing further is begun. Make room there (8 MiB at least) first.';

/** Whether the next step may begin; where the disk is full people are asked instead. */
export const roomToGoOn = async (bench: Bench): Promise<boolean> => {
  if (!bench.journal.low()) return true;
  await bench.emit({
    kind: 'asked',
    why: NO_ROOM,
    choices: noWayBack(bench.run()) ? ['resume'] : ['resume', 'rollback'],
  });
  return false;
};
