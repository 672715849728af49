// Opens the state folder that its argument names, in a process of its own, and says how long that took.
import { openStore } from '../../src/store/store.js';
import { answerParent } from '../child.js';
import type { Replayed } from './journal.js';
import { quietLog } from './simulated.js';

const [folder = ''] = process.argv.slice(2);
const began = performance.now();
const store = await openStore({ folder, log: quietLog() });
const seconds = (performance.now() - began) / 1_000;
const replayed: Replayed = {
  seconds,
  events: store.head().seq,
  runs: Object.keys(store.state().runs).length,
  megabytes: process.memoryUsage().rss / 2 ** 20,
};
await store.close();
answerParent(replayed);
