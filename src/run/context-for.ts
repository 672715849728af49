import { reachOf } from '../plan/reach.js';
import { Aborted, type StepContext, Stopping } from '../steps/context.js';
import type { Part } from '../steps/event.js';
import type { Bench } from './runner.js';

/** What a step sees of its run. Going back, nothing aborts any more. */
export const contextFor = (
  bench: Bench,
  { part, index, back }: { part: Part; index: number; back: boolean },
): StepContext => ({
  run: bench.run().id,
  plan: bench.run().plan,
  part,
  index,
  engine: bench.engineOf,
  units: bench.unitsOf,
  rendered: bench.rendered,
  askService: bench.askService,
  readyBefore: bench.run().readyBefore ?? [],
  memory: (ofPart = part, ofIndex = index) => bench.run()[ofPart][ofIndex] ?? { status: 'pending' },
  emit: async (event) => {
    if (event.kind === 'call' && bench.stopping()) throw new Stopping('the program ends');
    await bench.emit(event);
  },
  specs: bench.specs,
  note: (text, drained) => bench.emit({ kind: 'noted', text, ...(drained ? { drained } : {}) }),
  // The old version is known: going back waits for its answers, not for its age.
  health: back ? { ...bench.config.health, minimum: 0 } : bench.config.health,
  patience: bench.patience,
  drainOff: !bench.config.load_balancer.drain,
  stubborn: back,
  clock: bench.clock,
  bornAt: bench.bornAt,
  tail: bench.tail,
  keepLog: bench.keepLog,
  checkpoint: () => {
    if (bench.stopping()) throw new Stopping('the program ends');
    if (!back && bench.run().direction === 'back') throw new Aborted('a roll back was decided');
  },
  reach: reachOf(bench.config),
  frontDoor: bench.config.front_door[bench.run().plan.service],
});
