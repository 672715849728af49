import { differences } from '../engine/compare.js';
import { configHash } from '../engine/config-hash.js';
import { nameOf } from '../engine/inspect.js';
import { messageOf } from '../errors.js';
import type { SwapStep } from '../plan/plan.js';
import { look } from '../steps/act.js';
import type { Bench } from './runner.js';

/** The written comparison of one swapped container with the kept old one, whose restart policy was journaled. */
const differencesOf = async (bench: Bench, step: SwapStep, newId: string): Promise<readonly string[]> => {
  const engine = bench.engineOf(step.old.host);
  const [kept, after] = await Promise.all([engine.inspect(step.old.id), engine.inspect(newId)]);
  if (!kept || !after) return ['the old or the new container is gone'];
  const [beforeImage, afterImage] = await Promise.all([engine.image(kept.Image), engine.image(after.Image)]);
  if (!beforeImage || !afterImage) return ['the old or the new image is gone'];
  const before = {
    ...kept,
    Name: after.Name,
    HostConfig: { ...kept.HostConfig, RestartPolicy: { ...step.old.restartPolicy } },
  };
  return differences({ before, after, beforeImage, afterImage });
};

/** A comparison decides nothing, so a host that stays silent does not keep the run from its end. */
const TRIES = 3;

/** An answer that was lost is no difference: it is asked for again. */
const quietly = async (bench: Bench, read: () => Promise<readonly string[]>): Promise<readonly string[]> => {
  try {
    return await look({ ...bench, patience: { ...bench.patience, tries: TRIES } }, read);
  } catch (error) {
    return [`could not be compared: ${messageOf(error)}`];
  }
};

/** Compares every swapped container at the run's end; a difference is shown, and decides nothing. */
export const compareSwaps = async (bench: Bench): Promise<void> => {
  for (const [index, step] of bench.run().plan.steps.entries()) {
    const newId = bench.run().steps[index]?.createdId;
    if (step.kind !== 'swap' || !newId) continue;
    const found = await quietly(bench, () => differencesOf(bench, step, newId));
    await bench.emit({ kind: 'compared', host: step.old.host, name: step.old.name, differences: found });
  }
};

/**
 * After a roll back: every old container stands under its name, runs, and has the configuration that the plan saw,
 * restart policy included. Those whose swap was never begun, too: others work on the hosts.
 */
export const compareKept = async (bench: Bench): Promise<void> => {
  for (const [index, step] of bench.run().plan.steps.entries()) {
    const { status, standInId } = bench.run().steps[index] ?? {};
    if (step.kind !== 'swap' || (status !== 'undone' && status !== 'pending')) continue;
    const found = await quietly(bench, async () => {
      const old = await bench.engineOf(step.old.host).inspect(standInId ?? step.old.id);
      if (!old) return ['the old container is gone'];
      // What was made anew has another id and was compared before it was started.
      const same = standInId !== undefined || configHash(old) === step.old.configHash;
      return [
        ...(nameOf(old) === step.old.name ? [] : ['the old container does not bear the name any more']),
        ...(old.State.Running ? [] : ['the old container does not run']),
        ...(same ? [] : ['its configuration is not what it was before the run']),
      ];
    });
    await bench.emit({ kind: 'compared', host: step.old.host, name: step.old.name, differences: found });
  }
};
