import { openStore } from '../../src/store/store.js';
import { note, requested } from './events.js';

/*
 * A process of its own that appends to several journals at once until it is killed. Arguments: their folders. It prints
 * `open <which> <seq>`, and then `<which> <seq>` as soon as that event is acknowledged.
 */
const log = { warn: () => undefined, error: console.error };
const print = (line: string) => process.stdout.write(`${line}\n`);

const write = async (folder: string, which: number): Promise<void> => {
  const store = await openStore({ folder, log, reserveBytes: 4_096, fileLimit: 20_000, snapshotEvery: 40 });
  let next = store.head().seq;
  print(`open ${which} ${next}`);
  const add = async () => {
    next += 1;
    const seq = next;
    await store.append('r1', seq === 1 ? requested : note(`note ${seq}`));
    print(`${which} ${seq}`);
  };
  for (;;) await Promise.all([add(), add(), add()]);
};

try {
  await Promise.all(process.argv.slice(2).map(write));
} catch (error) {
  print(`refused ${error instanceof Error ? error.message : String(error)}`);
}
