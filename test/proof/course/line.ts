import type { App } from '../../../src/app.js';
import { messageOf } from '../../../src/errors.js';
import type { RunEvent } from '../../../src/run/event.js';
import type { Journal } from '../../../src/run/journal.js';
import type { CallRecord, CallSite, Fault } from '../../../src/sim/faults.js';
import { SimulatedCrash } from '../../../src/sim/faults.js';
import { baseName } from '../../../src/sim/invariants.js';
import { isAbout } from '../intended.js';
import { clickAll } from './clicks.js';
import type { Ground } from './ground.js';
import { actsAfter, DEATHS, faultOf, type Ill, isClick, isForeign, othersAct, type Place } from './ills.js';

/** One thing that our process does to the world, in the order in which it does them, over all its lives. */
export type Effect = { readonly kind: 'call' | 'append' | 'look'; readonly what: string };

/** What goes wrong at the effect of that number, counted from 0. */
export type Mishap = { readonly at: number; readonly ill: Ill };

export type Line = {
  readonly effects: readonly Effect[];
  /** Sentences of what must not be, found on the way. */
  readonly violations: readonly string[];
  /** Containers that somebody else made. */
  readonly strangers: ReadonlySet<string>;
  /** Whether somebody else was at work, to whatever end that came. */
  meddled(): boolean;
  /** Whether a click to go back was taken. */
  wentBack(): boolean;
  /** What was injected and what happened, for people. */
  readonly told: readonly string[];
  /** From here on effects are counted and mishaps happen. */
  arm(): void;
  disarm(): void;
  /** Whom people reach when they click; nobody until a life is up. */
  serves(app: App | undefined): void;
  /** Waits for appends that nobody waits for, and for what others do meanwhile. */
  rest(): Promise<void>;
  /** Sentences of what must not be, found by somebody else. */
  found(sentences: readonly string[], when: string): void;
  /** The journal as one life of the process sees it; nothing is appended by a life that is over. */
  journal(): Journal;
};

/** A unit starts and stops what bears its name, and a HAProxy that was made anew takes orders as the old one did. */
const MAY_MEET_STRANGERS: readonly string[] = ['unit stop', 'unit start', 'exec'];

/** Names of one-off containers of migrations end with their phase and run. */
const ONE_OFF = /_(?:expand|migrate|online|contract)__r[0-9a-f]+$/;

const inWords = ({
  call,
  name,
  target,
  host,
  detail,
}: CallRecord | (CallSite & { detail?: string })): string =>
  `${call} ${name ?? target.slice(0, 40)}${detail ? ` (${detail})` : ''} on ${host}`;

/** The intents that the journal holds and that have not ended; a new life knows nothing of the old one's. */
const openIntents = () => {
  const open = new Map<string, { readonly host: string; readonly target: string }>();
  return {
    clear: () => open.clear(),
    hear: (event: RunEvent): void => {
      if (event.kind === 'call') open.set(`${event.part} ${event.index} ${event.op} ${event.target}`, event);
      if (event.kind === 'call-ended')
        open.delete(`${event.part} ${event.index} ${event.op} ${event.target}`);
    },
    for: (site: CallSite): boolean =>
      [...open.values()].some(({ host, target }) => host === site.host && isAbout(target, site)),
  };
};

/**
 * All effects of the process pass here, and each can be the one at which something goes wrong. With `looks` what it asks
 * counts, too.
 */
export const lineOver = (
  ground: Ground,
  { mishaps, looks = false }: { readonly mishaps: readonly Mishap[]; readonly looks?: boolean },
): Line => {
  const { cloud } = ground.scene;
  const [first] = ground.was.values();
  if (!first) throw new Error('there is nothing to upgrade');
  const effects: Effect[] = [];
  const violations: string[] = [];
  const strangers = new Set<string>();
  const told: string[] = [];
  const intents = openIntents();
  let place: Place = first;
  let armed = false;
  let meddled = false;
  let wentBack = false;
  let door: App | undefined;
  let life = 0;
  let ordersWithout = false;
  let afterwards: Ill | undefined;

  const under = new Set<Promise<void>>();
  const ran = new Set<string>();
  /** A migration that came to its end is run once: a second one may meet what the first one left half done. */
  const startsAgain = ({ call, took, id, name }: CallRecord): boolean => {
    if (call !== 'start' || took !== 'effect' || !name || !id || !ONE_OFF.test(name)) return false;
    const again = ran.has(name);
    ran.add(name);
    return again;
  };

  const tell = (what: string): void => void told.push(what);
  const track = (work: Promise<unknown>): void => {
    const ended = work.then(
      () => undefined,
      () => undefined,
    );
    under.add(ended);
    void ended.then(() => under.delete(ended));
  };
  const click = async (app: App, ill: Ill): Promise<void> => {
    const { back, said } = await clickAll(app, ground, ill);
    wentBack ||= back;
    for (const line of said) tell(`      ${ill}: ${line}`);
  };
  const act = async (ill: Ill): Promise<void> => {
    // Nobody waits for a click: what it decides meets what is under way.
    if (isClick(ill)) return door && track(click(door, ill));
    meddled ||= isForeign(ill);
    const made = await othersAct(ill, ground, place).catch((error: unknown) => {
      // Another tool that meets our renames in the middle of its own work fails as it would.
      if (!isForeign(ill)) throw error;
      tell(`      ${ill}: ${messageOf(error)}`);
    });
    if (made) strangers.add(made);
  };
  const next = (effect: Effect): Ill | undefined => {
    if (!armed) return undefined;
    effects.push(effect);
    const at = effects.length - 1;
    const ill = mishaps.find((one) => one.at === at)?.ill;
    tell(`${String(at).padStart(4)}  ${effect.kind} ${effect.what}${ill ? `   <<< ${ill}` : ''}`);
    return ill;
  };

  const judge = (site: CallSite): void => {
    // Putting servers back after a crash is noted and not an act of a step.
    if (!intents.for(site) && !(ordersWithout && site.call === 'exec'))
      violations.push(`${inWords(site)} had no intent in the journal`);
    if (site.id !== undefined && strangers.has(site.id) && !MAY_MEET_STRANGERS.includes(site.call))
      violations.push(`${inWords(site)} touched a container that somebody else made`);
  };

  cloud.inject(async (site): Promise<Fault> => {
    if (!site.mutating) {
      const ill = looks ? next({ kind: 'look', what: inWords(site) }) : undefined;
      if (ill === 'silent-before') await othersAct(ill, ground, { host: site.host, name: first.name });
      return ill ? faultOf(ill) : 'ok';
    }
    const base = baseName(site.name ?? site.target);
    if (ground.was.has(`${site.host}/${base}`)) place = { host: site.host, name: base };
    if (armed) judge(site);
    const ill = next({ kind: 'call', what: inWords(site) });
    if (!ill) return 'ok';
    if (actsAfter(ill)) afterwards = ill;
    else await act(ill);
    return faultOf(ill);
  });
  cloud.onCall(async (record) => {
    if (startsAgain(record)) violations.push(`${inWords(record)} ran a migration for the second time`);
    const ill = afterwards;
    afterwards = undefined;
    if (ill) await act(ill);
  });

  const append = async (event: RunEvent, mine: number, write: () => Promise<void>): Promise<void> => {
    const die = (when: string): never => cloud.crash(`${when} the append of ${event.kind}`);
    if (mine !== life) throw new SimulatedCrash('in an earlier life');
    if (cloud.crashed) return die('before');
    if (event.kind === 'call' && ground.was.has(`${event.host}/${first.name}`))
      place = { ...place, host: event.host };
    const ill = next({
      kind: 'append',
      what: 'op' in event ? `${event.kind} ${event.op} ${event.target}` : event.kind,
    });
    if (ill === 'dies-before') return die('before');
    if (ill && !DEATHS.includes(ill)) await act(ill);
    await write();
    intents.hear(event);
    // One that failed is tried again when a person says so.
    if (event.kind === 'migrated' && event.exitCode !== 0) ran.clear();
    ordersWithout = event.kind === 'noted';
    if (ill === 'dies-after') return die('after');
  };

  return {
    effects,
    violations,
    strangers,
    meddled: () => meddled,
    wentBack: () => wentBack,
    told,
    arm: () => {
      armed = true;
    },
    disarm: () => {
      armed = false;
    },
    serves: (app) => {
      door = app;
    },
    rest: async () => {
      while (under.size > 0) await Promise.allSettled(under);
    },
    found: (sentences, when) => {
      if (armed) violations.push(...sentences.map((sentence) => `${when}: ${sentence}`));
    },
    journal: () => {
      life += 1;
      const mine = life;
      intents.clear();
      if (armed) tell('      --- a new life');
      const { kept } = ground;
      return {
        ...kept,
        append: (run, event) => {
          const working = append(event, mine, () => kept.append(run, event));
          track(working);
          return working;
        },
      };
    },
  };
};
