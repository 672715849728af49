import type { CallSite, Fault } from '../../../src/sim/faults.js';
import type { Bot } from './bot.js';
import type { Foreign } from './foreign.js';
import type { AroundAppend } from './mortal.js';
import type { Crowd } from './people.js';
import type { Stage } from './stage.js';
import type { AroundACall } from './trouble.js';

/** A journal's own words for an event that it did not take (src/store/tape.ts). */
const diskFull = (): Error =>
  new Error('The event was not journaled and nothing was changed: ENOSPC: no space left on device, write.');

type Actors = { readonly bot: () => Bot; readonly foreign: Foreign; readonly crowd: () => Crowd };

/** Nothing that an outsider does is waited for: it happens while the bot goes on. */
const aside = (stage: Stage, work: Promise<unknown>): void => {
  work.catch((error: unknown) => stage.diary.blame(`an outsider of the simulation failed: ${String(error)}`));
};

/** An unfit of the world at one moment: what happens to the host beside the call. */
const happensTo = (stage: Stage, { foreign, crowd }: Actors) => {
  const { scene, clock } = stage;
  const { cloud } = scene;
  const random = stage.random.fork('happenings');

  const nudgeUnit = async (host: string): Promise<void> => {
    const units = [...cloud.unitFiles(host).keys()];
    if (units.length > 0) await cloud.operatorUnits(host).start(random.pick(units));
  };

  const endProcess = (host: string): void => {
    const running = [...cloud.host(host).containers.values()].filter(({ life }) => life === 'running');
    if (running.length > 0) random.pick(running).ends = { at: clock.now(), exitCode: random.pick([1, 137]) };
  };

  const hideHost = async (name: string): Promise<void> => {
    const host = cloud.host(name);
    host.unreachable = true;
    await clock.sleep(random.pick([3_000, 40_000, 200_000]));
    host.unreachable = false;
  };

  const happenings: Partial<Record<AroundACall, (host: string) => Promise<void> | void>> = {
    'power cut': (host) => cloud.powerCut(host),
    'daemon restart': (host) => cloud.daemonRestart(host),
    'foreign hand': (host) => foreign.meddle(host),
    click: () => aside(stage, crowd().act()),
    stall: () => clock.advance(20_000),
    unreachable: (host) => aside(stage, hideHost(host)),
    'unit started': nudgeUnit,
    'process ends': endProcess,
    'Slack away': () => {
      stage.away.until = clock.now() + random.pick([20_000, 120_000, 3_600_000]);
    },
  };
  return happenings;
};

export const natureOf = (stage: Stage, actors: Actors) => {
  const { clock, diary, trouble, troubled, scene } = stage;
  const random = stage.random.fork('nature');
  const happenings = happensTo(stage, actors);
  /** What is to happen right after the call that is under way on a host. */
  const after = new Map<string, AroundACall>();

  const nameOf = ({ name, target, call }: Pick<CallSite, 'name' | 'target' | 'call'>): string =>
    `${call} ${name ?? target.slice(0, 60)}`;

  const aroundCall = async (site: CallSite): Promise<Fault> => {
    if (!troubled(trouble.calls.rate)) return 'ok';
    const kind = random.weighted(trouble.calls.weights);
    const happening = happenings[kind];
    if (!happening) {
      diary.tell(`${nameOf(site)} on ${site.host}: ${kind}`);
      return kind as Fault;
    }
    if (site.mutating && random.chance(0.5)) {
      after.set(site.host, kind);
      return 'ok';
    }
    diary.tell(`before ${nameOf(site)} on ${site.host}: ${kind}`);
    await happening(site.host);
    return 'ok';
  };

  const aroundAppend: AroundAppend = async (write, what) => {
    // No disk answers at once.
    await clock.sleep(1);
    if (!troubled(trouble.appends.rate)) return write();
    const kind = random.weighted(trouble.appends.weights);
    diary.tell(`journal of "${what}": ${kind}`);
    if (kind === 'fails') {
      if (!stage.ledger.fail(random.pick(['ENOSPC', 'EIO']))) throw diskFull();
      return write();
    }
    if (kind === 'crash amid') {
      // Whether the journal takes it is nobody's any more: the process that would hear of it dies.
      write().catch(() => undefined);
      for (let turns = random.int(12); turns > 0; turns -= 1) await Promise.resolve();
      actors.bot().kill(`while "${what}" is journaled`);
      stage.ledger.kill();
      return;
    }
    if (kind === 'crash before') actors.bot().kill(`before "${what}" is journaled`);
    if (kind === 'crash before') return;
    if (kind === 'slow') await clock.sleep(random.between(500, 20_000));
    if (kind === 'click') aside(stage, actors.crowd().act());
    await write();
    if (kind === 'crash after') actors.bot().kill(`after "${what}" was journaled`);
  };

  scene.cloud.inject(aroundCall);
  scene.cloud.onCall(async (record) => {
    const kind = after.get(record.host);
    if (!kind) return;
    after.delete(record.host);
    diary.tell(`after ${nameOf(record)} on ${record.host}: ${kind}`);
    await happenings[kind]?.(record.host);
  });

  return {
    aroundAppend,
    /** From here on everything answers, at once and well. */
    calm: (): void => {
      stage.calm();
      after.clear();
      for (const host of scene.cloud.hosts) host.unreachable = false;
    },
  };
};
