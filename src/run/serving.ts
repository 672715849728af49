import { messageOf } from '../errors.js';
import type { SwapStep } from '../plan/plan.js';
import { look } from '../steps/act.js';
import { saysNothing } from '../steps/context.js';
import { contextFor } from './context-for.js';
import { noWayBack } from './going-back.js';
import type { Bench } from './runner.js';

type Swapped = { readonly step: SwapStep; readonly newId: string | undefined; readonly index: number };

const swapsOf = (bench: Bench): readonly Swapped[] => {
  const { plan, steps } = bench.run();
  return plan.steps.flatMap((step, index) =>
    step.kind === 'swap' ? [{ step, newId: steps[index]?.createdId, index }] : [],
  );
};

/** What is wrong with what stands under one service's name now. */
const whyNot = async (bench: Bench, { step, newId }: Swapped): Promise<readonly string[]> => {
  const { host, name, id } = step.old;
  try {
    const context = contextFor(bench, { part: 'finalize', index: 0, back: false });
    const bearer = await look(context, () => bench.engineOf(host).inspect(name));
    if (!bearer || bearer.Id === id) return [`there is no new ${name} on ${host}`];
    if (newId !== undefined && bearer.Id !== newId)
      return [`${name} on ${host} is a container of somebody else (${bearer.Id.slice(0, 12)})`];
    if (!bearer.State.Running) return [`${name} on ${host} is ${bearer.State.Status}`];
    return bearer.State.Health?.Status === 'unhealthy' ? [`${name} on ${host} is unhealthy`] : [];
  } catch (error) {
    if (saysNothing(error)) throw error;
    return [`${host} does not answer: ${messageOf(error)}`];
  }
};

/** Where the new version does not serve under the service's names, in words; `without` are indices of swaps. */
export const notServing = async (
  bench: Bench,
  without: readonly number[] = [],
): Promise<readonly string[]> => {
  const swaps = swapsOf(bench).filter(({ index }) => !without.includes(index));
  return (await Promise.all(swaps.map((swapped) => whyNot(bench, swapped)))).flat();
};

/** A unit of Kolla's starts again what has ended after 11 s (RestartSec); milliseconds. */
const PATIENCE_MS = 30_000;

/**
 * Whether every swapped container still serves at the end: hours may lie between the first swap and the last, and
 * others work on the hosts, too. Where one does not, people are asked.
 */
export const allServe = async (bench: Bench): Promise<boolean> => {
  const { clock } = bench;
  const until = clock.now() + PATIENCE_MS;
  for (;;) {
    const dead = await notServing(bench);
    if (dead.length === 0) return true;
    contextFor(bench, { part: 'steps', index: 0, back: false }).checkpoint();
    if (clock.now() >= until) {
      await bench.emit({
        kind: 'asked',
        why: bench.tail(
          `Every container was swapped and healthy, and by now not all of them serve: ${dead.join('; ')}.`,
        ),
        choices: noWayBack(bench.run()) ? ['resume'] : ['resume', 'rollback'],
      });
      return false;
    }
    await clock.sleep(bench.config.health.interval);
  }
};
