import { createInterface } from 'node:readline';
import { lockBy } from '../../src/store/lock.js';
import { openStore } from '../../src/store/store.js';
import { note, requested } from './events.js';

/*
 * A process of its own that appends until it is killed. Arguments: folder, name of flock(1), `hold` to append nothing, `asked` to append one
 * event for each line of its input.
 * It prints `open <seq>` and then each number as soon as that event is acknowledged.
 */
const [folder = '', lockProgram = 'flock', mode] = process.argv.slice(2);
const print = (line: string) => process.stdout.write(`${line}\n`);
const log = { warn: () => undefined, error: console.error };

try {
  const store = await openStore({
    folder,
    log,
    lock: lockBy(lockProgram),
    reserveBytes: 0,
    fileLimit: 20_000,
    snapshotEvery: 40,
  });
  let next = store.head().seq;
  print(`open ${next}`);
  const add = async () => {
    next += 1;
    const seq = next;
    await store.append('r1', seq === 1 ? requested : note(`note ${seq}`));
    print(String(seq));
  };
  if (mode === 'asked') for await (const _line of createInterface({ input: process.stdin })) await add();
  else if (mode === 'hold') setInterval(() => undefined, 1_000);
  else for (;;) await Promise.all([add(), add(), add()]);
} catch (error) {
  print(`refused ${error instanceof Error ? error.message : String(error)}`);
}
