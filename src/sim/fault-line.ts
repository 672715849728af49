import { EngineError } from '../engine/port.js';
import { messageOf } from '../errors.js';
import {
  type Call,
  type CallRecord,
  type CallSite,
  type Fault,
  type FaultSession,
  SimulatedCrash,
} from './faults.js';

const MUTATING: ReadonlySet<Call> = new Set([
  'pull',
  'create',
  'start',
  'stop',
  'rename',
  'setRestartPolicy',
  'remove',
  'writeArchive',
  'unit clear',
  'unit stop',
  'unit start',
]);

export type Surroundings = {
  readonly session: FaultSession;
  readonly now: () => number;
  readonly hang: () => Promise<void>;
  readonly find: (target: string) => { readonly id: string; readonly name: string } | undefined;
};

/** The connection of one process to one host, on which everything can go wrong. */
export const faultLine = (host: string, around: Surroundings) => {
  const { session } = around;
  const life = session.life;

  const assertAlive = (): void => {
    if (session.crash) throw session.crash;
    if (life < session.life) throw new SimulatedCrash('in an earlier life: take a new engine from the cloud');
  };

  const siteOf = (call: Call, target: string, orders: boolean): CallSite => {
    const mutating = MUTATING.has(call) || orders;
    const found = target === '' ? undefined : around.find(target);
    session.count += 1;
    if (mutating) session.countMutating += 1;
    return {
      host,
      call,
      target,
      ...(found ? { id: found.id, name: found.name } : {}),
      mutating,
      nth: session.count,
      nthMutating: session.countMutating,
    };
  };

  const record = async (site: CallSite, rest: Omit<CallRecord, keyof CallSite | 'at'>): Promise<void> => {
    const entry: CallRecord = { ...site, at: around.now(), ...rest };
    session.calls.push(entry);
    for (const listener of session.listeners) await listener(entry);
  };

  const die = (site: CallSite, when: 'before' | 'after'): never => {
    session.crash = new SimulatedCrash(
      `${when} ${site.call} ${site.name ?? site.target} on ${site.host} (call ${site.nth})`,
    );
    throw session.crash;
  };

  const before = async (site: CallSite, fault: Fault): Promise<void> => {
    if (fault === 'ok' || fault === 'lose-answer' || fault === 'crash-after') return;
    if (site.mutating) await record(site, { fault, took: 'no effect' });
    if (fault === 'crash-before') die(site, 'before');
    if (fault === 'refuse') throw new EngineError(site.host, site.call, 'refused (injected)', false, 400);
    await around.hang();
    assertAlive();
    throw new EngineError(site.host, site.call, 'no answer before the deadline (injected)', true);
  };

  const attempt = async <T>(
    site: CallSite,
    fault: Fault,
    run: () => Promise<T>,
    detail?: string,
  ): Promise<T> => {
    try {
      const answer = await run();
      const told = site.call === 'create' && typeof answer === 'string' ? answer : detail;
      if (site.mutating)
        await record(site, { fault, took: 'effect', ...(told === undefined ? {} : { detail: told }) });
      return answer;
    } catch (error) {
      if (site.mutating) await record(site, { fault, took: 'no effect', error: messageOf(error) });
      assertAlive();
      if (fault === 'crash-after') die(site, 'after');
      throw error;
    }
  };

  const through = async <T>(
    call: Call,
    target: string,
    run: () => Promise<T>,
    detail?: string,
  ): Promise<T> => {
    assertAlive();
    const site = siteOf(call, target, call === 'exec' && detail !== undefined);
    const decided = session.hook?.(site) ?? 'ok';
    const fault = typeof decided === 'string' ? decided : await decided;
    await before(site, fault);
    const answer = await attempt(site, fault, run, detail);
    assertAlive();
    if (fault === 'crash-after') die(site, 'after');
    if (fault === 'lose-answer')
      throw new EngineError(site.host, site.call, 'socket hang up (injected)', true);
    return answer;
  };

  return through;
};
