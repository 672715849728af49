import { createHash } from 'node:crypto';
import { wholeRuns } from './suite.js';

/** Prints a hash of all that happened in each seed that is named: for the test that another process plays the same. */
for (const seed of process.argv.slice(2)) {
  const lines = await wholeRuns.tell(Number(seed));
  process.stdout.write(`${seed} ${createHash('sha256').update(lines.join('\n')).digest('hex')}\n`);
}
