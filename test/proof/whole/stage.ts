import type { Config } from '../../../src/config.js';
import type { Folders } from '../../../src/kolla/folder.js';
import type { Journal } from '../../../src/run/journal.js';
import { type VirtualClock, virtualClock } from '../../../src/sim/clock.js';
import type { Process } from '../../../src/sim/image.js';
import { type Random, randomFrom } from '../../../src/sim/random.js';
import { type SimSlack, simSlack } from '../../doubles/simulated-slack.js';
import type { KollaScene } from '../../sim/kolla.js';
import { type Diary, diaryOf } from './diary.js';
import { diskLedger, type Heard, type Ledger, memoryLedger } from './ledger.js';
import { brief, drawShape, type Shape } from './shape.js';
import { cloudOf, foldersOf, NEW } from './small-cloud.js';
import { drawTrouble, type Trouble } from './trouble.js';

/** The real store costs a little more than a journal in memory: every so many seeds have it, on a simulated disk. */
const ON_DISK_EVERY = 5;
/** Every so many seeds have everything: several hosts, all containers, configuration, load balancers, Slack's thread. */
export const WHOLE_EVERY = 32;

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

/** What a test wants to be as it says, and not as it is drawn. */
export type Wish = { readonly shape?: Partial<Shape>; readonly trouble?: Partial<Trouble> };

export const setStage = async (seed: number, wish: Wish = {}): Promise<Stage> => {
  const random = randomFrom(seed, 'whole');
  const drawn = drawShape(random.fork('shape'));
  const shape = { ...(seed % WHOLE_EVERY === 0 || wish.shape ? drawn : brief(drawn)), ...wish.shape };
  const trouble = { ...drawTrouble(random.fork('trouble')), ...wish.trouble };
  const clock = virtualClock(undefined, { turns: 'ticks' });
  let calm = false;
  let left = trouble.budget;
  let beganAt = clock.now();
  const weather = { clock, trouble, random: random.fork('weather'), calm: () => calm };
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
