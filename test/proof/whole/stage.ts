import type { Config } from '../../../src/config.js';
import type { Folders } from '../../../src/kolla/folder.js';
import { treeOf, UnfitTree } from '../../../src/kolla/tree.js';
import type { Journal } from '../../../src/run/journal.js';
import { type VirtualClock, virtualClock } from '../../../src/sim/clock.js';
import type { Process } from '../../../src/sim/image.js';
import { kollaConfig } from '../../../src/sim/kolla-config.js';
import { type Random, randomFrom } from '../../../src/sim/random.js';
import { type SimSlack, simSlack } from '../../doubles/simulated-slack.js';
import { type KollaScene, kollaCloud } from '../../sim/kolla.js';
import { type Diary, diaryOf } from './diary.js';
import { diskLedger, type Heard, type Ledger, memoryLedger } from './ledger.js';
import { drawShape, type Shape } from './shape.js';
import { drawTrouble, type Trouble } from './trouble.js';

export const OLD = '2025.1';
export const NEW = '2025.2';
/** The real store costs a little more than a journal in memory: every so many seeds have it, on a simulated disk. */
const ON_DISK_EVERY = 5;

/** Everything that outlives the bot's process, and the chance that moves it. */
export type Stage = {
  readonly seed: number;
  readonly shape: Shape;
  readonly trouble: Trouble;
  readonly random: Random;
  readonly clock: VirtualClock;
  readonly scene: KollaScene;
  /** The journal, which tells `heard` of each event once it is durable. */
  readonly kept: Journal;
  readonly heard: Heard;
  readonly ledger: Ledger;
  /** The bot's settings as they are now; between two lives they may change. */
  readonly settings: { config: Config; changed: boolean };
  readonly slack: SimSlack;
  readonly folders: Folders;
  readonly diary: Diary;
  /** All that runs said to people in words of their own. */
  readonly words: readonly string[];
  /** Whether something may go wrong now; counts it where it does. */
  readonly troubled: (rate: number) => boolean;
  /** From here on nothing goes wrong. */
  readonly calm: () => void;
  readonly isCalm: () => boolean;
  /** While Slack does not answer, until this moment. */
  readonly away: { until: number };
  readonly beganAt: number;
};

const PEOPLE = [
  { name: 'Ann', slack: 'U0ANN', login: 'ann', roles: ['operator', 'approver'] },
  { name: 'Bob', slack: 'U0BOB', login: 'bob', roles: ['approver'] },
  { name: 'Dan', slack: 'U0DAN', roles: ['operator', 'approver'] },
  { name: 'Cem', slack: 'U0CEM', roles: ['viewer'] },
  { name: 'Eve', slack: 'U0EVE', roles: ['operator'] },
];

const API_OF = {
  placement: 'placement_api',
  glance: 'glance_api',
  cinder: 'cinder_api',
  keystone: 'keystone',
};
const WORKERS = {
  placement: [],
  glance: [],
  cinder: ['cinder_scheduler', 'cinder_volume'],
  keystone: ['keystone_ssh', 'keystone_fernet'],
};

const settingsOf = (shape: Shape) => ({
  policy: {
    approvals: shape.approvals,
    requester_counts: shape.requesterCounts,
    expires: shape.expires,
    on_failure: shape.onFailure,
  },
  health: shape.health,
  people: PEOPLE,
  load_balancer: { grace: '10s' },
  ...(shape.configs ? { target_config: { folder: '/rendered/{release}/{host}' } } : {}),
});

const neighbourOf = ({ service }: Shape): string => (service === 'placement' ? 'glance' : 'placement');

/** The rendered folders of the bot's machine, without a disk: `/rendered/<release>/<host>/<key>`. */
const foldersOf = (scene: KollaScene): Folders => ({
  said: async () => undefined,
  read: async (folder) => {
    const [, , release = '', , key] = folder.split('/');
    const entry = scene.containers.find(({ name }) => name.replaceAll('_', '-') === key);
    if (!entry) throw new UnfitTree(`${folder} is not there`);
    return treeOf(
      Object.entries(kollaConfig(entry, release)).map(([path, text]) => ({
        path,
        mode: 0o640,
        uid: 0,
        gid: 0,
        content: Buffer.from(text),
      })),
    );
  },
});

const withoutAddresses = (config: Config, shape: Shape): Config => ({
  ...config,
  hosts: config.hosts.map(({ api_address: _none, ...host }) => ({
    ...host,
    config_fits: shape.configs ? [] : host.config_fits,
  })),
});

type Weather = {
  readonly clock: VirtualClock;
  readonly trouble: Trouble;
  readonly random: Random;
  readonly calm: () => boolean;
};

/** Whether a container is well now; within a spell the answer may change from one look to the next. */
const weatherOf =
  ({ clock, trouble, random, calm }: Weather, beganAt: number) =>
  ({ labels }: Process): boolean => {
    if (calm()) return true;
    const at = clock.now() - beganAt;
    const isNew = labels.kolla_version === NEW || labels['build-date'] === '2026b2';
    return trouble.spells
      .filter(({ from, to }) => at >= from && at < to)
      .filter(({ whose }) => whose === 'everybody' || (whose === 'the new one') === isNew)
      .every(({ share }) => !random.chance(share));
  };

const cloudOf = async (shape: Shape, clock: VirtualClock, weather: (process: Process) => boolean) => {
  const scene = await kollaCloud({
    clock,
    weather,
    hosts: shape.hosts,
    services: [shape.service, ...(shape.neighbour ? [neighbourOf(shape)] : [])],
    ...(shape.onlyApi ? { leftOut: WORKERS[shape.service] } : {}),
    releases: [
      { id: OLD, stopsAfterMs: shape.stopsAfterMs },
      ...(shape.crossing
        ? [
            {
              id: NEW,
              kind: shape.target,
              readyAfterMs: shape.readyAfterMs,
              migrationMs: 2_000,
              wrong: API_OF[shape.service],
            },
          ]
        : []),
    ],
    prefix: shape.prefix,
    restartPolicy: shape.restartPolicy,
    ...(shape.owner === 'engine'
      ? {}
      : { systemd: shape.owner === 'unit, long stop' ? { stopSeconds: 600 } : true }),
    prepulled: shape.prepulled,
    configs: shape.configs,
    delays: { call: 5, pull: 3_000, start: 300, stop: 2_000, hang: 30_000 },
    ...(shape.haproxy ? { haproxy: {} } : {}),
    config: settingsOf(shape),
  });
  if (!shape.crossing) scene.rebuild(OLD, 'b2');
  const units = shape.owner === 'rename-first' ? { units: () => new Map() } : {};
  return { ...scene, ...units, config: withoutAddresses(scene.config, shape) };
};

/** What a test wants to be as it says, and not as it is drawn. */
export type Wish = { readonly shape?: Partial<Shape>; readonly trouble?: Partial<Trouble> };

export const setStage = async (seed: number, wish: Wish = {}): Promise<Stage> => {
  const random = randomFrom(seed, 'whole');
  const shape = { ...drawShape(random.fork('shape')), ...wish.shape };
  const trouble = { ...drawTrouble(random.fork('trouble')), ...wish.trouble };
  const clock = virtualClock(undefined, { turns: 'ticks' });
  let calm = false;
  let left = trouble.budget;
  let beganAt = clock.now();
  const weather = { clock, trouble, random: random.fork('weather'), calm: () => calm || beganAt === 0 };
  const scene = await cloudOf(shape, clock, (process) => weatherOf(weather, beganAt)(process));
  beganAt = clock.now();
  const diary = diaryOf(clock);
  const chance = random.fork('chance');
  const away = { until: 0 };
  const troubled = (rate: number): boolean => {
    if (calm || left <= 0 || clock.now() - beganAt > trouble.untilMs || !chance.chance(rate)) return false;
    left -= 1;
    return true;
  };
  const ofSlack = random.fork('Slack');
  const slack = simSlack({
    clock,
    callMs: 120,
    lostMs: 10_000,
    fault: (site) => {
      if (away.until > clock.now()) return 'lost';
      const kind = troubled(trouble.slack.rate) ? ofSlack.weighted(trouble.slack.weights) : 'ok';
      if (kind !== 'ok') diary.tell(`Slack: ${site.call} is ${kind}`);
      return kind;
    },
  });
  const heard: Stage['heard'] = new Set();
  const making = { clock, diary, heard, random: random.fork('disk') };
  const ledger = seed % ON_DISK_EVERY === 0 ? diskLedger(making) : memoryLedger(making);
  const words: string[] = [];
  heard.add((_run, event) => {
    if ('why' in event) words.push(event.why);
    if (event.kind === 'noted') words.push(event.text);
  });
  return {
    seed,
    shape,
    trouble,
    random,
    clock,
    scene,
    ledger,
    settings: { config: scene.config, changed: false },
    kept: ledger.journal,
    heard,
    words,
    slack,
    folders: foldersOf(scene),
    diary,
    troubled,
    calm: () => {
      calm = true;
      away.until = 0;
    },
    isCalm: () => calm,
    away,
    beganAt,
  };
};
