import type { App } from '../app.js';
import { authorize, type Verb } from '../authority/authority.js';
import type { Known, Recognise } from '../authority/known.js';
import type { Config } from '../config.js';
import type { Actor } from '../run/event.js';

/**
 * Everything that an App can do, and the verb that whoever asks for it must be allowed; one that is missing here does
 * not compile. `program`: the bot's own, for which no person is named.
 */
export const POLICY = {
  status: 'look',
  doctor: 'look',
  plan: 'look',
  history: 'look',
  upgrade: 'upgrade',
  approve: 'approve',
  withdraw: 'withdraw',
  breakGlass: 'break-glass',
  review: 'review',
  reject: 'reject',
  cancel: 'cancel',
  rollback: 'rollback',
  finalize: 'finalize',
  resume: 'resume',
  hold: 'hold',
  unhold: 'unhold',
  admit: 'program',
  run: 'program',
  findRun: 'program',
  eventsOf: 'program',
  subscribe: 'program',
  settled: 'program',
  posted: 'program',
  recover: 'program',
  close: 'program',
} as const satisfies Record<Exclude<keyof App, 'config'>, Verb | 'program'>;

type ByVerb = { [K in keyof typeof POLICY as (typeof POLICY)[K] extends 'program' ? never : K]: App[K] };

/** What only a person asks for. */
export type Asked = keyof ByVerb;

type Rest<F> = F extends (actor: Actor, ...rest: infer R) => infer T
  ? (known: Known, ...rest: R) => T
  : never;

/** The same methods behind the guard: they are told who was let through, and never have to ask. */
export type Guarded<K extends Asked = Asked> = { readonly [M in K]: Rest<App[M]> };

/** Recognises, authorises, and only then goes on. */
export const admission =
  (config: Config, recognise: Recognise) =>
  async (actor: Actor, verb: Verb): Promise<Known> => {
    const known = await recognise(actor);
    authorize(config, { known, verb });
    return known;
  };

export type Admission = ReturnType<typeof admission>;

/** Puts the guard in front of every method; there is no other way to them. */
export const guard = (methods: Guarded, admit: Admission): Pick<App, Asked> => {
  const names = Object.keys(methods) as Asked[];
  const guarded = names.map((name) => {
    const behind = methods[name] as (known: Known, ...rest: unknown[]) => unknown;
    const method = async (actor: Actor, ...rest: unknown[]) =>
      behind(await admit(actor, POLICY[name]), ...rest);
    return [name, method];
  });
  return Object.fromEntries(guarded) as Pick<App, Asked>;
};
