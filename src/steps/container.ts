import { nameOf } from '../engine/inspect.js';
import { engineOwned, type ProcessOwner } from '../engine/owner.js';
import type { RestartPolicy } from '../engine/port.js';
import { type Rival, renameFirst } from '../engine/rename-first.js';
import { unitOwned } from '../engine/unit-owned.js';
import { messageOf } from '../errors.js';
import type { Owner } from '../plan/plan.js';
import { act, look } from './act.js';
import { type StepContext, StepFailed, saysNothing } from './context.js';

export type Addressed = {
  readonly host: string;
  readonly id: string;
  readonly label: string;
  /** The service's name for it, and who owns the process of whatever bears that name; absent: the engine. */
  readonly name?: string;
  readonly owner?: Owner | undefined;
  /** The other version of a swap; only a unit that cannot be reached needs to be told of it. */
  readonly rival?: Rival;
};

const ownerOf = (context: StepContext, addressed: Addressed): ProcessOwner => {
  const { host, name, owner, rival } = addressed;
  const engine = context.engine(host);
  if (!owner || name === undefined) return engineOwned(engine);
  const { unit } = owner;
  const { sleep } = context.clock;
  if (owner.kind === 'rename-first')
    return renameFirst(engine, { unit, name, rival, sleep, note: context.note });
  const units = context.units(host);
  if (units) return unitOwned(engine, units, { unit, name, sleep });
  throw new StepFailed(
    `${unit} on ${host} owns ${name}, and the units of ${host} cannot be reached any more. Put the host’s ssh settings back, start Stackswap again, and resume.`,
  );
};

/** One container of a step, addressed by its full id, with the few things that are done to it. Each may be repeated. */
export const containerOf = (context: StepContext, addressed: Addressed) => {
  const { host, id, label } = addressed;
  const engine = context.engine(host);
  const owner = ownerOf(context, addressed);
  const inspect = () => look(context, () => engine.inspect(id));
  const present = async () => {
    const found = await inspect();
    if (!found) throw new StepFailed(`${label} is gone from ${host}: somebody removed it.`);
    return found;
  };
  const remove = () =>
    act(context, {
      host,
      op: 'remove',
      target: label,
      satisfied: async () => (await engine.inspect(id)) === undefined,
      call: () => engine.remove(id),
    });
  const stop = (graceSeconds: number) =>
    act(context, {
      host,
      op: 'stop',
      target: label,
      satisfied: () => owner.seenDead(id),
      call: () => owner.stop(id, graceSeconds),
    });
  return {
    inspect,
    present,
    stop,
    /** Keeps an owner from starting again and again what ended by itself. */
    endLoop: async (graceSeconds: number) => {
      try {
        if (!(await inspect())?.State.Running) await stop(graceSeconds);
      } catch (error) {
        if (saysNothing(error)) throw error;
        await context.note(
          `${owner.name} on ${host} could not be stopped (${context.tail(messageOf(error))}).`,
        );
      }
    },
    start: () =>
      act(context, {
        host,
        op: 'start',
        answerIsFinal: true,
        target: label,
        satisfied: () => owner.seenActive(id),
        call: () => owner.start(id),
      }),
    rename: (name: string) =>
      act(context, {
        host,
        op: 'rename',
        target: `${label} → ${name}`,
        satisfied: async () => nameOf(await present()) === name,
        call: () => engine.rename(id, name),
      }),
    setPolicy: (policy: RestartPolicy) =>
      act(context, {
        host,
        op: 'update',
        target: `${label} restart=${policy.Name || 'no'}`,
        satisfied: async () => samePolicy((await present()).HostConfig.RestartPolicy, policy),
        call: () => engine.setRestartPolicy(id, policy),
      }),
    remove,
    /** Removes what is not needed any more; that it cannot be removed is noted and fails nothing. */
    tidyAway: async () => {
      try {
        await remove();
      } catch (error) {
        if (saysNothing(error)) throw error;
        await context.note(
          context.tail(
            `${label} could not be removed from ${host} (${messageOf(error)}). When it is not needed: docker rm ${id.slice(0, 12)}`,
          ),
        );
      }
    },
    isDead: () => look(context, () => owner.seenDead(id)),
    /** As printed, not redacted. Evidence, never a reason to fail: some log drivers cannot be read. */
    log: async (lines: number) => {
      try {
        return await look(context, () => engine.logs(id, lines));
      } catch (error) {
        return `(the log of ${label} could not be read: ${messageOf(error)})`;
      }
    },
  };
};

export type Container = ReturnType<typeof containerOf>;

export const NO_RESTART: RestartPolicy = { Name: 'no', MaximumRetryCount: 0 };

/** Docker writes the absent policy as an empty name or as `no`. */
export const samePolicy = (a: RestartPolicy, b: RestartPolicy): boolean =>
  (a.Name || 'no') === (b.Name || 'no') && a.MaximumRetryCount === b.MaximumRetryCount;
