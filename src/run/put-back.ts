import { commandFor, orderServer } from '../balancer/haproxy.js';
import { messageOf } from '../errors.js';
import type { Drain, Step } from '../plan/plan.js';
import {
  type Place,
  placeInWords,
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

const putBackOne = async (
  { workshop, run, state }: { workshop: Workshop; run: Run; state: StepState },
  place: Place,
): Promise<void> => {
  const engines = { engine: workshop.engineOf };
  const note = (text: string) =>
    workshop.journal.append(run.id, { kind: 'noted', text: workshop.tail(text) });
  const { balancer, name } = place;
  const byHand = `On ${balancer.host}: ${commandFor(balancer, { name, order: 'ready' })}`;
  try {
    const seen = await readAt(engines, balancer);
    if (!serverIn(seen, name)?.drained) return;
    const kept =
      run.direction !== 'back' &&
      !CLOSED.includes(run.phase) &&
      isMistrusted(state) &&
      !withoutOthers(seen, balancer).includes(name);
    if (kept)
      return await note(
        `${placeInWords(place)} stays drained, since the container behind it was judged and is not well; the other servers carry the load. Resume or Roll back puts it to ready. ${byHand}`,
      );
    await note(`${placeInWords(place)} was left drained and is put to ready now.`);
    await orderServer(socketOf(engines, balancer), { name, order: 'ready' });
  } catch (error) {
    await note(
      `Whether ${placeInWords(place)} is drained is unknown, or it could not be put to ready (${messageOf(error)}). ${byHand}`,
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
