import type { App } from '../../../src/app.js';
import { buildApp } from '../../../src/build-app.js';
import { readConfig } from '../../../src/config.js';
import type { Deadlines } from '../../../src/engine/deadline.js';
import { dockerEngine } from '../../../src/engine/docker.js';
import { createLog } from '../../../src/log.js';
import { redactor } from '../../../src/redact.js';
import type { Journal } from '../../../src/run/journal.js';
import { openStore } from '../../../src/store/store.js';
import { FAULTS, type Fault } from '../faults.js';
import type { Handler } from '../wire.js';
import type { Choose } from './guard.js';
import { isChange } from './intents.js';
import type { Stand } from './stand.js';
import type { Scene } from './trials.js';

/** `refuse`: nobody listens at the socket while the bot makes the call. */
export type Kind = Fault | 'refuse';
export const KINDS: readonly Kind[] = ['refuse', ...(Object.keys(FAULTS) as Fault[])];

/** A changing request of a run: the call of the journal that it belongs to, and its place among that call's requests. */
export type Point = { readonly call: string; readonly nth: number };

export const nameOfPoint = ({ call, nth }: Point): string =>
  nth === 0 ? call : `${call}, request ${nth + 1}`;

export type Plan = {
  /** Asked for each changing request, in its order; what it answers is done there. */
  readonly at: (point: Point) => Kind | undefined;
  /** Told of each changing request that arrived. */
  readonly met?: (point: Point) => void;
  /** Asked for each request that only looks, by its number among all requests. */
  readonly look?: (number: number) => Kind | undefined;
};

const KEYSTONE_GRACE_MS = 80_000;

/** Short, so that a hang is given up soon. That of a stop comes on top of the grace that the catalogue gives. */
const DEADLINES: Partial<Deadlines> = {
  look: 6_000,
  change: 3_000,
  create: 5_000,
  start: 5_000,
  stop: 6_000 - KEYSTONE_GRACE_MS,
  wait: 3_000,
};

type Course = {
  readonly journal: (journal: Journal) => Journal;
  readonly choose: Choose;
};

const REFUSED_MS = 300;

/** Which request comes next is not known of a look: the one at hand dies, and those after it are refused for a while. */
const spoiledLook = ({ wire }: Stand, kind: Kind | undefined): Handler | undefined => {
  if (kind !== 'refuse') return kind && FAULTS[kind];
  return (exchange) => {
    wire.refuse();
    exchange.hangUp();
    setTimeout(() => wire.listen(), REFUSED_MS);
  };
};

/** Knows from the journal which call a request belongs to, and stops listening right before one that is to be refused. */
const courseOf = ({ stand }: Scene, { at, met, look }: Plan): Course => {
  let call: string | undefined;
  let nth = 0;
  let next: Kind | undefined;

  const meet = (): void => {
    next = call === undefined ? undefined : at({ call, nth });
    if (next === 'refuse') stand.wire.refuse();
  };
  const nameOf = (op: string, target: string): string =>
    `${op} ${target}`.replaceAll(stand.prefix, '').replaceAll(/r[0-9a-f]{8}/g, 'r…');

  return {
    journal: (journal) => ({
      ...journal,
      append: async (run, event) => {
        await journal.append(run, event);
        if (event.kind === 'call') {
          call = nameOf(event.op, event.target);
          nth = 0;
          meet();
        }
        if (event.kind === 'call-ended') {
          stand.wire.listen();
          call = undefined;
        }
      },
    }),
    choose: ({ number, exchange: { line } }) => {
      if (!isChange(line)) return spoiledLook(stand, look?.(number));
      if (call === undefined) return undefined;
      const kind = next;
      met?.({ call, nth });
      nth += 1;
      if (kind !== undefined && kind !== 'refuse') {
        next = undefined;
        return FAULTS[kind];
      }
      return async (exchange) => {
        const answer = await exchange.carryOut();
        meet();
        exchange.answer(answer);
      };
    },
  };
};

/** A bot in this process whose changes meet faults as planned; ends with the bot. */
export const withFaults = async <T>(scene: Scene, plan: Plan, work: (app: App) => Promise<T>): Promise<T> => {
  const { stand, guard } = scene;
  const course = courseOf(scene, plan);
  const secrets = redactor();
  const log = createLog({ level: 'error', redact: secrets, destination: { write: () => undefined } });
  const journal = await openStore({ folder: stand.state, log, redact: secrets });
  const address = { socketPath: stand.wire.socketPath };
  const app = await buildApp({
    config: readConfig(stand.configFile),
    log,
    redactor: secrets,
    journal: course.journal(journal),
    engines: new Map([['control01', dockerEngine({ host: 'control01', address, deadlines: DEADLINES })]]),
  });
  guard.watch(course.choose);
  try {
    await app.recover();
    return await work(app);
  } finally {
    stand.wire.listen();
    guard.watch();
    await app.close();
  }
};
