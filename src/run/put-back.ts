import type { BalancerSeen } from '../balancer/answers.js';
import { commandFor, orderServer } from '../balancer/haproxy.js';
import { EngineError } from '../engine/port.js';
import { messageOf, Refusal } from '../errors.js';
import type { Drain, Step } from '../plan/plan.js';
import {
  isSameServer,
  type LeftServer,
  leftAt,
  type Place,
  placeInWords,
  placeOfLeft,
  placesOf,
  readAt,
  serverIn,
  socketOf,
  withoutOthers,
} from '../steps/balancer-place.js';
import type { Part } from '../steps/event.js';
import type { Run, StepState } from './run.js';
import type { Workshop } from './runner.js';

type Halted = { readonly drain: Drain; readonly state: StepState };

const drainIn = (step: Step | undefined): Drain | undefined =>
  step?.kind === 'swap' || step?.kind === 'restart' ? step.drain : undefined;

/** Steps that ended between draining and putting to ready; going back, every step that is not undone. */
const haltedIn = (run: Run, part: Part): readonly Halted[] => {
  const open = run.direction === 'back' ? ['started', 'failed', 'done'] : ['started', 'failed'];
  return run[part].flatMap((state, index) => {
    const drain = drainIn(run.plan[part][index]);
    return drain && open.includes(state.status) ? [{ drain, state }] : [];
  });
};

/** A new version that was judged and found wanting; HAProxy's own check may well believe it. */
const isMistrusted = ({ health, ready }: StepState): boolean =>
  (health !== undefined && health.outcome !== 'healthy') || (ready !== undefined && !ready.ready);

const CLOSED: readonly Run['phase'][] = ['stuck', 'abandoned', 'failed'];

type Kept = {
  readonly run: Run;
  readonly state: StepState;
  readonly seen: BalancerSeen;
  readonly place: Place;
};

/** Whether a server gets no traffic on purpose: people are to answer, what is behind it is not well, and others carry the load. */
const isKeptDrained = ({ run, state, seen, place: { balancer, name } }: Kept): boolean =>
  run.direction !== 'back' &&
  !CLOSED.includes(run.phase) &&
  isMistrusted(state) &&
  !withoutOthers(seen, balancer).includes(name);

type About = { readonly drained?: LeftServer; readonly ready?: LeftServer };

const noteOn =
  ({ journal, tail }: Workshop, { id }: Run) =>
  (text: string, about: About = {}): Promise<void> =>
    journal.append(id, { kind: 'noted', text: tail(text), ...about });

const isLeft = ({ leftDrained = [] }: Run, place: Place): boolean =>
  leftDrained.some((one) => isSameServer(one, leftAt(place)));

const putBackOne = async (
  { workshop, run, state }: { workshop: Workshop; run: Run; state: StepState },
  place: Place,
): Promise<void> => {
  const engines = { engine: workshop.engineOf };
  const note = noteOn(workshop, run);
  const { balancer, name } = place;
  const byHand = `On ${balancer.host}: ${commandFor(balancer, { name, order: 'ready' })}`;
  try {
    const seen = await readAt(engines, balancer);
    if (!serverIn(seen, name)?.drained) return;
    if (isKeptDrained({ run, state, seen, place }))
      return await note(
        `${placeInWords(place)} stays drained, since the container behind it was judged and is not well; the other servers carry the load. Resume or Roll back puts it to ready. ${byHand}`,
      );
    await note(`${placeInWords(place)} was left drained and is put to ready now.`);
    await orderServer(socketOf(engines, balancer), { name, order: 'ready' });
  } catch (error) {
    if (isLeft(run, place)) return;
    // One that may be kept drained on purpose is left to people.
    const again = run.direction === 'back' || CLOSED.includes(run.phase) || !isMistrusted(state);
    await note(
      `Whether ${placeInWords(place)} is drained is unknown, or it could not be put to ready (${messageOf(error)})${again ? '; that is tried again' : ''}. ${byHand}`,
      again ? { drained: leftAt(place) } : {},
    );
  }
};

/**
 * For a run that came to rest: servers that it left drained get traffic again at once, since a person may answer only
 * hours later. Best effort: what fails is noted with the command for people, and it ends where the run moves on, whose
 * steps then see to their servers. Throws only when the journal does.
 */
export const putBack = async (workshop: Workshop, run: Run): Promise<void> => {
  const rests = (): boolean => workshop.journal.state().runs[run.id]?.turn === run.turn;
  for (const part of ['steps', 'finalize'] as const)
    for (const { drain, state } of haltedIn(run, part))
      for (const place of placesOf(drain)) if (rests()) await putBackOne({ workshop, run, state }, place);
};

/** Journaled once in the life of a process, however often its load balancer takes no order after that. */
const announced = new WeakMap<Workshop, Set<string>>();

const announce = async (workshop: Workshop, run: Run, { balancer, name }: Place): Promise<void> => {
  const known = announced.get(workshop) ?? new Set<string>();
  announced.set(workshop, known);
  const key = `${run.id} ${balancer.host} ${balancer.container} ${name}`;
  if (known.has(key)) return;
  const words = placeInWords({ balancer, name });
  await noteOn(workshop, run)(`${words} can be asked again, stands drained and is put to ready now.`);
  known.add(key);
};

/** The step that a server was left drained by, where the run still stands in it. */
const standsIn = (run: Run, left: LeftServer): { state: StepState; place: Place } | undefined =>
  (['steps', 'finalize'] as const)
    .flatMap((part) => haltedIn(run, part))
    .flatMap(({ drain, state }) => placesOf(drain).map((place) => ({ state, place })))
    .find(({ place }) => isSameServer(leftAt(place), left));

/** Throws where its load balancer does not answer, or does not take the order. */
const putBackLeftOne = async (workshop: Workshop, run: Run, left: LeftServer): Promise<void> => {
  const engines = { engine: workshop.engineOf };
  const place = placeOfLeft(left);
  const { balancer, name } = place;
  const seen = await readAt(engines, balancer);
  if (serverIn(seen, name)?.drained) {
    const halted = standsIn(run, left);
    if (halted && isKeptDrained({ run, seen, ...halted })) return;
    await announce(workshop, run, place);
    await orderServer(socketOf(engines, balancer), { name, order: 'ready' });
  }
  await noteOn(workshop, run)(`${placeInWords(place)} is not drained any more.`, { ready: left });
};

/**
 * Of a run at rest, or over: servers that may still stand without traffic because their load balancer did not answer.
 * Called again and again until it answers; one that is silent is asked once a call. Ends where `mayGoOn` says no: a run
 * that is under way then sees to its servers itself.
 */
export const putBackLeft = async (workshop: Workshop, run: Run, mayGoOn: () => boolean): Promise<void> => {
  const silent = new Set<string>();
  for (const left of run.leftDrained ?? []) {
    const balancer = `${left.host} ${left.container}`;
    if (!mayGoOn()) return;
    if (silent.has(balancer)) continue;
    try {
      await putBackLeftOne(workshop, run, left);
    } catch (error) {
      if (!(error instanceof EngineError || error instanceof Refusal)) throw error;
      silent.add(balancer);
    }
  }
};
