import { commandFor } from '../balancer/haproxy.js';
import { EngineError } from '../engine/port.js';
import { messageOf } from '../errors.js';
import type { Balancer, Drain } from '../plan/plan.js';
import { look } from './act.js';
import {
  alive,
  balancerInWords,
  leftAt,
  orderAt,
  type Place,
  placeInWords,
  placesOf,
  readAt,
  serverIn,
  withoutOthers,
} from './balancer-place.js';
import { type StepContext, StepFailed } from './context.js';
import { isGone, reachableIn, standingIn } from './standing-balancers.js';

export type Drained = { readonly drain?: Drain };

/** HAProxy needs two good checks, 2 s apart (Kolla's `inter 2000 rise 2`); the rest is for a slow machine. */
const SERVING_WITHIN_MS = 60_000;
const POLL_MS = 500;

const pause = ({ clock, health }: StepContext): Promise<void> =>
  clock.sleep(Math.min(POLL_MS, health.interval));

/** Nobody is taken out while there is nobody to stand in: then the old version goes on serving. */
const requireOthers = async (context: StepContext, balancer: Balancer): Promise<void> => {
  const seen = await look(context, () => readAt(context, balancer));
  const [alone] = withoutOthers(seen, balancer);
  if (alone !== undefined)
    throw new StepFailed(
      `${balancerInWords(balancer)} has no other server UP beside ${alone}: it was not stopped, since the API would be away.`,
    );
};

type Open = { readonly place: Place; readonly sessions: number };

const openAt = async (context: StepContext, places: readonly Place[]): Promise<readonly Open[]> => {
  const open: Open[] = [];
  for (const place of places) {
    const seen = await look(context, () => readAt(context, place.balancer));
    const sessions = serverIn(seen, place.name)?.sessions ?? 0;
    // Going back, the new version may hang with requests that it will never answer.
    if (sessions > 0 && !(context.stubborn && !alive(seen, place.name))) open.push({ place, sessions });
  }
  return open;
};

/** Until no request is under way to the drained servers, or the grace is over: then the stop has its own grace. */
const untilIdle = async (
  context: StepContext,
  places: readonly Place[],
  graceSeconds: number,
): Promise<void> => {
  const deadline = context.clock.now() + graceSeconds * 1_000;
  for (;;) {
    const open = await openAt(context, places);
    if (open.length === 0) return;
    if (context.clock.now() >= deadline) {
      const left = open.map(({ place, sessions }) => `${sessions} at ${placeInWords(place)}`).join(', ');
      return context.note(`After ${graceSeconds} s of draining there are still requests: ${left}.`);
    }
    context.checkpoint();
    await pause(context);
  }
};

const drainForward = async (planned: Drain, context: StepContext): Promise<void> => {
  try {
    const drain = await standingIn(planned, context);
    for (const balancer of drain.balancers) await requireOthers(context, balancer);
    for (const place of placesOf(drain)) await orderAt(context, place, 'drain');
    await untilIdle(context, placesOf(drain), drain.graceSeconds);
    for (const balancer of drain.balancers) await requireOthers(context, balancer);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new StepFailed(`The load balancer could not be told to drain (${error.message}).`);
  }
};

/** Those of one load balancer that were told; one that nobody would stand in for serves on. */
const drainWhatCan = async (balancer: Balancer, context: StepContext): Promise<readonly Place[]> => {
  const drained: Place[] = [];
  try {
    const seen = await look(context, () => readAt(context, balancer));
    const alone = withoutOthers(seen, balancer);
    for (const name of balancer.servers.filter((one) => alive(seen, one) && !alone.includes(one))) {
      await orderAt(context, { balancer, name }, 'drain');
      drained.push({ balancer, name });
    }
  } catch (error) {
    if (!(error instanceof EngineError || error instanceof StepFailed)) throw error;
    await context.note(
      context.tail(`${balancerInWords(balancer)} was not drained on the way back (${messageOf(error)}).`),
    );
  }
  return drained;
};

/** Going back is never refused: what cannot be drained is said. */
const drainBack = async (drain: Drain, context: StepContext): Promise<void> => {
  const drained: Place[] = [];
  for (const balancer of drain.balancers) drained.push(...(await drainWhatCan(balancer, context)));
  try {
    await untilIdle(context, drained, drain.graceSeconds);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    await context.note(context.tail(`Whether requests are still under way is unknown (${error.message}).`));
  }
};

/** Takes the API's server out of every load balancer and waits until its sessions end or the grace runs out. */
export const drainServers = async ({ drain }: Drained, context: StepContext): Promise<void> => {
  if (!drain) return;
  if (context.drainOff) return context.note('Nothing is drained: the hosts file says `drain: false`.');
  await (context.stubborn ? drainBack(drain, context) : drainForward(drain, context));
};

/** Tried again even after a clear refusal: a server that stays drained is lost until somebody sees it. */
const putReady = async (context: StepContext, place: Place): Promise<boolean> => {
  try {
    await orderAt({ ...context, stubborn: true }, place, 'ready');
    return true;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const { name, balancer } = place;
    await context.note(
      context.tail(
        `${placeInWords(place)} could not be put to ready and may stay drained (${error.message}); that is tried again. On ${balancer.host}: ${commandFor(balancer, { name, order: 'ready' })}`,
      ),
      leftAt(place),
    );
    return false;
  }
};

/** Why a server does not get traffic yet; nothing where it does. */
const whyWaiting = async (context: StepContext, place: Place): Promise<readonly string[]> => {
  try {
    const server = serverIn(await readAt(context, place.balancer), place.name);
    return !server || server.serving ? [] : [`${placeInWords(place)} is ${server.status}`];
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    if (await isGone(context, place.balancer)) return [];
    return [`${balancerInWords(place.balancer)} does not answer`];
  }
};

const untilServing = async (context: StepContext, places: readonly Place[]): Promise<void> => {
  const deadline = context.clock.now() + SERVING_WITHIN_MS;
  for (;;) {
    const waiting: string[] = [];
    for (const place of places) waiting.push(...(await whyWaiting(context, place)));
    if (waiting.length === 0) return;
    if (context.clock.now() >= deadline) {
      const why = `${waiting.join(', ')}, ${SERVING_WITHIN_MS / 1_000} s after it was put to ready.`;
      if (context.stubborn) return context.note(why);
      throw new StepFailed(why);
    }
    context.checkpoint();
    await pause(context);
  }
};

/** Puts the server back wherever HAProxy still runs and waits until each load balancer sees it up. */
export const readyServers = async ({ drain }: Drained, context: StepContext): Promise<void> => {
  if (!drain) return;
  const told: Place[] = [];
  for (const place of placesOf(await reachableIn(drain, context)))
    if (await putReady(context, place)) told.push(place);
  await untilServing(context, told);
};
