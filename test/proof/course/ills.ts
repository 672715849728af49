import { unitOf } from '../../../src/engine/units.js';
import type { Fault } from '../../../src/sim/faults.js';
import { baseName } from '../../../src/sim/invariants.js';
import type { Ground } from './ground.js';

/** What can go wrong at a boundary: before or after a mutating call, or around an append to the journal. */
export const ILLS = [
  'refused',
  'answer-lost',
  'answer-cut',
  'hangs',
  'dies-before',
  'dies-after',
  'power-cut-before',
  'power-cut-hangs',
  'power-cut-after',
  'stalls-before',
  'stalls-after',
  'started-before',
  'started-after',
  'recreated-before',
  'recreated-after',
  'silent-before',
  'clicked-on-before',
  'clicked-back-before',
] as const;
export type Ill = (typeof ILLS)[number];

/** The engine's part of it; everything else is done by others, right before or right after the call. */
const FAULT_OF: Readonly<Partial<Record<Ill, Fault>>> = {
  refused: 'refuse',
  'answer-lost': 'lose-answer',
  'answer-cut': 'lose-answer',
  hangs: 'hang',
  'dies-before': 'crash-before',
  'dies-after': 'crash-after',
  'power-cut-hangs': 'hang',
  'power-cut-after': 'lose-answer',
};

export const faultOf = (ill: Ill): Fault => FAULT_OF[ill] ?? 'ok';

/**
 * What can go wrong at an append: the process dies, or others act between two things that it does. A death right after
 * an append is the death right before whatever comes next.
 */
export const AT_APPENDS: readonly Ill[] = [
  'dies-before',
  'power-cut-before',
  'stalls-before',
  'started-before',
  'recreated-before',
  'clicked-on-before',
  'clicked-back-before',
];

export const AT_CALLS: readonly Ill[] = ILLS;

/** What can go wrong at a look: its answer is lost at once or after a while, or the host falls silent. */
export const AT_LOOKS: readonly Ill[] = ['answer-lost', 'hangs', 'silent-before'];

/** The run goes on as if nothing had been. */
export const RIDDEN_OUT: readonly Ill[] = [
  'answer-lost',
  'answer-cut',
  'hangs',
  'stalls-before',
  'stalls-after',
  'clicked-on-before',
];

/** Two people click what their messages still show: to go on, or to go back. */
export const isClick = (ill: Ill): boolean => ill.startsWith('clicked');

/** Whether a person may be asked what to do; after what is ridden out, or decided by a click, nobody is. */
export const isAsked = (ill: Ill): boolean => !RIDDEN_OUT.includes(ill) && !isClick(ill);

export const DEATHS: readonly Ill[] = ['dies-before', 'dies-after'];

/** A host answers nobody for longer than any patience of ours. */
export const isSilence = (ill: Ill): boolean => ill.startsWith('silent');

/** Somebody else recreates the container: only people can say what is to be then. */
export const isForeign = (ill: Ill): boolean => ill.startsWith('recreated');

/** Longer than systemd waits before it starts again what has ended (RestartSec=11). */
const STALL_MS = 20_000;
/** Longer than any patience of ours. */
const SILENCE_MS = 200_000;
/** After which the port gives up on an answer whose end never comes. */
const CUT_MS = 30_000;

/** systemd, or a person at the host, starts whatever bears a service's name. */
const startNames = async ({ scene, was }: Ground, host: string): Promise<void> => {
  const { cloud } = scene;
  for (const { host: on, name } of was.values()) {
    if (on !== host) continue;
    const unit = unitOf(name);
    const bearer = await cloud.operator(host).inspect(name);
    if (cloud.unitFiles(host).has(unit)) await cloud.operatorUnits(host).start(unit);
    else if (bearer) await cloud.operator(host).start(bearer.Id);
  }
};

/** kolla-ansible's recreate_or_restart_container: the container under the name is removed and made anew. */
const recreate = async ({ scene }: Ground, host: string, name: string): Promise<string> => {
  const { cloud } = scene;
  const engine = cloud.operator(host);
  const unit = unitOf(name);
  const [like] = [...cloud.host(host).containers.values()].filter((one) => baseName(one.name) === name);
  if (!like) throw new Error(`no container of ${name} is left on ${host}`);
  const bearer = await engine.inspect(name);
  const hasUnit = cloud.unitFiles(host).has(unit);
  if (hasUnit) await cloud.operatorUnits(host).stop(unit);
  if (bearer) {
    await engine.stop(bearer.Id, 10);
    await engine.remove(bearer.Id);
  }
  const { config, hostConfig } = like;
  const body = { ...structuredClone(config), HostConfig: structuredClone(hostConfig) };
  const id = await engine.create(name, { body, connect: [] });
  if (hasUnit) await cloud.operatorUnits(host).start(unit);
  else await engine.start(id);
  return id;
};

export type Place = { readonly host: string; readonly name: string };

/** The host answers nobody; it, and what it does for itself, go on. */
const fallSilent = ({ scene, clock, silence }: Ground, name: string): void => {
  const host = scene.cloud.host(name);
  host.unreachable = true;
  silence.until = clock.now() + SILENCE_MS;
  void clock.sleep(SILENCE_MS).then(() => {
    host.unreachable = false;
  });
};

/** What others do; answers with the id of a container that somebody else made. */
export const othersAct = async (ill: Ill, ground: Ground, at: Place): Promise<string | undefined> => {
  const [what] = ill.split(/-(?:before|after|hangs)$/);
  if (what === 'power-cut') ground.scene.cloud.powerCut(at.host);
  if (what === 'stalls') ground.clock.advance(STALL_MS);
  if (what === 'answer-cut') ground.clock.advance(CUT_MS);
  if (what === 'silent') fallSilent(ground, at.host);
  if (what === 'started') await startNames(ground, at.host);
  return what === 'recreated' ? recreate(ground, at.host, at.name) : undefined;
};

/** Whether others act once the call has taken effect, and not before it. */
export const actsAfter = (ill: Ill): boolean => ill.endsWith('-after') || ill === 'answer-cut';
