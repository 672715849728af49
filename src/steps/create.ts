import type { ContainerInspect } from '../engine/inspect.js';
import type { ContainerSpec } from '../engine/port.js';
import { act, look } from './act.js';
import { type StepContext, StepFailed } from './context.js';

export type Creation = {
  readonly host: string;
  /** Unique to run and step, so what bears it is ours. */
  readonly name: string;
  readonly spec: ContainerSpec;
  /** Blob that keeps the old container's whole configuration. */
  readonly keptAs?: string;
};

/** A create is several calls where there are several networks, and each can be the last one that came through. */
const isWhole = (made: ContainerInspect | undefined, { connect }: ContainerSpec): boolean =>
  made !== undefined &&
  connect.every(({ network }) => made.NetworkSettings.Networks?.[network] !== undefined);

/** Creates a container with all its networks, once; whoever calls journals its id before anything else happens to it. */
export const createOnce = async (
  context: StepContext,
  { host, name, spec }: Creation,
): Promise<ContainerInspect> => {
  const engine = context.engine(host);
  await act(context, {
    host,
    op: 'create',
    target: name,
    satisfied: async () => isWhole(await engine.inspect(name), spec),
    call: async () => {
      // Nobody could join the missing networks later: what a cut create left is ours, never started, and made anew.
      const cut = await engine.inspect(name);
      if (cut) await engine.remove(cut.Id);
      await engine.create(name, spec);
    },
  });
  const created = await look(context, () => engine.inspect(name));
  if (!created) throw new StepFailed(`${name} was created on ${host} and is not there.`);
  return created;
};

/** The same, journaled. */
export const createWhole = async (context: StepContext, creation: Creation): Promise<string> => {
  const { Id: id } = await createOnce(context, creation);
  const { part, index } = context;
  const { host, name, keptAs } = creation;
  await context.emit({
    kind: 'created',
    part,
    index,
    host,
    name,
    id,
    ...(keptAs === undefined ? {} : { spec: keptAs }),
  });
  return id;
};
