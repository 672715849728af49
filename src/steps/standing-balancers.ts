import { EngineError } from '../engine/port.js';
import { Refusal } from '../errors.js';
import type { Balancer, Drain } from '../plan/plan.js';
import { look } from './act.js';
import { balancerInWords, readAt, serverIn } from './balancer-place.js';
import type { StepContext } from './context.js';

/**
 * Why a HAProxy has no traffic and needs no order: it keeps what it was told in its process only (management guide,
 * `set server`), so one that is not running has forgotten it. Nothing where it runs. Throws `EngineError`.
 */
const whyGone = async (context: StepContext, { host, container }: Balancer): Promise<string | undefined> => {
  try {
    const found = await look(context, () => context.engine(host).inspect(container));
    if (!found) return 'is gone';
    return found.State.Running ? undefined : 'does not run';
  } catch (error) {
    if (error instanceof Refusal) return 'is on a host that is not in the hosts file any more';
    throw error;
  }
};

/** Whether it is seen not to run; one that cannot be looked at may run. */
export const isGone = async (context: StepContext, balancer: Balancer): Promise<boolean> => {
  try {
    return (await whyGone(context, balancer)) !== undefined;
  } catch (error) {
    if (error instanceof EngineError) return false;
    throw error;
  }
};

/**
 * At Finalize there is nothing to go back to and no other plan to make: a HAProxy that was set up anew since the plan
 * does not keep the run from its end.
 */
const whyChanged = async (context: StepContext, balancer: Balancer): Promise<string | undefined> => {
  if (context.part !== 'finalize') return undefined;
  const seen = await look(context, () => readAt(context, balancer));
  if (seen.level !== 'admin') return `takes no orders any more (the level of its socket is ${seen.level})`;
  const lost = balancer.servers.filter((name) => serverIn(seen, name) === undefined);
  return lost.length > 0 ? `has no server ${lost.join(', ')} any more` : undefined;
};

/** The planned load balancers that can still be told; each other one is said to people. Throws `EngineError`. */
export const standingIn = async (drain: Drain, context: StepContext): Promise<Drain> => {
  const balancers: Balancer[] = [];
  for (const balancer of drain.balancers) {
    const why = (await whyGone(context, balancer)) ?? (await whyChanged(context, balancer));
    if (why === undefined) balancers.push(balancer);
    else await context.note(`${balancerInWords(balancer)} ${why}: nothing is drained there.`);
  }
  return { ...drain, balancers };
};

/** The same without a word, for servers that are put back: where a HAProxy is gone, so are its orders. */
export const reachableIn = async (drain: Drain, context: StepContext): Promise<Drain> => {
  const balancers: Balancer[] = [];
  for (const balancer of drain.balancers) if (!(await isGone(context, balancer))) balancers.push(balancer);
  return { ...drain, balancers };
};
