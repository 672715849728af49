import { nameOf } from '../engine/inspect.js';
import type { SwapStep } from '../plan/plan.js';
import { look } from './act.js';
import { type Container, containerOf, NO_RESTART } from './container.js';
import { type StepContext, StepFailed } from './context.js';
import { drainServers, readyServers } from './drain.js';
import { requireHealthy } from './health.js';
import { forgetConfig, restoreConfig } from './host-config.js';
import { swapName } from './names.js';
import { withStandIn } from './recreate.js';
import { withSampling } from './sampling.js';

const LOG_LINES = 40;

/** The new container of this run: by its journaled id, or, where the crash came before that, by its unique name. */
const findNew = async (step: SwapStep, context: StepContext): Promise<string | undefined> => {
  const known = context.memory().createdId;
  if (known) return known;
  const found = await look(context, () =>
    context.engine(step.old.host).inspect(swapName(context.run, step.old.name)),
  );
  if (!found) return undefined;
  await context.emit({
    kind: 'created',
    part: context.part,
    index: context.index,
    host: step.old.host,
    name: nameOf(found),
    id: found.Id,
  });
  return found.Id;
};

/**
 * Stops the new one, puts the old configuration back while nothing bears the name, and gives the name back; nothing is
 * removed yet, so the new one's log can still be read.
 */
const setAside = async (step: SwapStep, context: StepContext, newId: string): Promise<void> => {
  const { owner } = step;
  const { host, name } = step.old;
  const after = containerOf(context, { host, id: newId, label: `new ${name}`, name, owner });
  const before = containerOf(context, { host, id: step.old.id, label: name, name, owner });
  if (await after.inspect()) {
    // A daemon restart in the middle of going back must not revive the new one beside the old one.
    await after.setPolicy(NO_RESTART);
    // A unit that cannot be stopped starts what bears the name as soon as the new one has ended.
    if (owner?.kind !== 'rename-first') await after.stop(step.graceSeconds);
    await after.rename(swapName(context.run, name));
  }
  await restoreConfig(step, context);
  await before.rename(name);
  if (owner?.kind === 'rename-first' && (await after.inspect())) await after.stop(step.graceSeconds);
};

const oldOf = (step: SwapStep, context: StepContext, newId: string | undefined): Container => {
  const { host, id, name } = step.old;
  const { owner, graceSeconds } = step;
  const rival = newId ? { rival: { id: newId, graceSeconds } } : {};
  return containerOf(context, { host, id, label: name, name, owner, ...rival });
};

/** Right before each start: minutes may lie between them, and somebody may have started the new one again. */
const requireNewDead = async (
  { old: { host, name }, owner }: SwapStep,
  context: StepContext,
  newId: string | undefined,
): Promise<void> => {
  // Past a unit that cannot be reached the start itself keeps an eye on the other one.
  if (owner?.kind === 'rename-first' || newId === undefined) return;
  if (await containerOf(context, { host, id: newId, label: `new ${name}` }).isDead()) return;
  throw new StepFailed(
    `The new ${name} on ${host} still runs: it did not end, or was started again. The old one was not started.`,
  );
};

/** A program that ends at once ends at each of them; an engine is not restarted that often in a row. */
const MOST_STARTS = 3;

/**
 * Starts the old one and judges it. An engine that is restarted meanwhile ends it, and nothing starts it again before
 * its policy is back; so one that ended, or was started anew, while it was judged is not given up at the first time.
 */
const startOld = async (
  step: SwapStep,
  context: StepContext,
  { before, newId }: { before: Container; newId: string | undefined },
): Promise<void> => {
  const { host, id, name } = step.old;
  for (let starts = 1; ; starts += 1) {
    await requireNewDead(step, context, newId);
    await before.start();
    const { StartedAt } = (await before.present()).State;
    try {
      await requireHealthy(context, { host, id, name, probeUrl: step.probeUrl, expect: step.expect });
      return;
    } catch (error) {
      const now = await before.inspect();
      const ended = now?.State.Running !== true || now.State.StartedAt !== StartedAt;
      if (!(error instanceof StepFailed) || !ended || starts === MOST_STARTS) throw error;
    }
  }
};

/** Ends with the old one running under its name, whatever half of the swap had been done. No pull and no create. */
const bringBack = async (step: SwapStep, context: StepContext, newId: string | undefined): Promise<void> => {
  const { name } = step.old;
  const before = oldOf(step, context, newId);
  if (newId) await setAside(step, context, newId);
  else await before.rename(name);
  await startOld(step, context, { before, newId });
  await before.setPolicy(step.old.restartPolicy);
  // A host that rebooted while it had no policy left it stopped.
  await before.start();
};

/** Removes only what this run created, and keeps the last of its log. */
const removeNew = async (step: SwapStep, context: StepContext, newId: string): Promise<void> => {
  const after = containerOf(context, { host: step.old.host, id: newId, label: `new ${step.old.name}` });
  if (!(await after.inspect())) return;
  await context.emit({
    kind: 'kept-log',
    index: context.index,
    tail: context.tail(await after.log(LOG_LINES)),
  });
  await after.tidyAway();
};

/** On top of a grace: the engine's SIGKILL, and what it writes down afterwards. */
const MARGIN_MS = 5_000;
const LOOK_MS = 200;

/**
 * A stop over which the bot died, or whose answer never came, may have sent its SIGTERM: the old one serves on for as long
 * as its grace lasts, at most, ends then, and no restart policy revives it. So it is waited for before it is judged. What an
 * earlier process asked for it asked before this one began: the machine's clock may have been set meanwhile. Past a unit
 * that cannot be reached the names are exchanged first: that unit starts it again.
 */
const outlastStop = async (step: SwapStep, context: StepContext): Promise<void> => {
  const { graceSeconds, old, owner } = step;
  const { lastCall, openSince } = context.memory();
  if (owner?.kind === 'rename-first' || lastCall !== `stop ${old.name}` || openSince === undefined) return;
  const { clock, bornAt } = context;
  const asked = Math.min(Math.max(Date.parse(openSince), bornAt), clock.now());
  const until = asked + graceSeconds * 1_000 + MARGIN_MS;
  while (clock.now() < until) {
    const seen = await look(context, () => context.engine(old.host).inspect(old.id));
    if (!seen?.State.Running) return;
    await clock.sleep(LOOK_MS);
  }
};

export const undoSwap = async (planned: SwapStep, context: StepContext): Promise<void> => {
  const step = await withStandIn(planned, context);
  await outlastStop(step, context);
  const newId = await findNew(step, context);
  const old = await look(context, () => context.engine(step.old.host).inspect(step.old.id));
  const untouched = old?.State.Running === true && nameOf(old) === step.old.name;
  if (!untouched) await drainServers(step, context);
  if (untouched) await bringBack(step, context, newId);
  else
    await withSampling({ ...step, host: step.old.host }, context, 'rollback', () =>
      bringBack(step, context, newId),
    );
  await readyServers(step, context);
  if (newId) await removeNew(step, context, newId);
  await forgetConfig(step, context, context.index);
  // A Docker Engine that is killed takes its containers for stopped by hand when it starts again, and leaves them so.
  await oldOf(step, context, newId).start();
};
