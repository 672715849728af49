import { type Section, table } from '../report.js';
import { show } from '../spread.js';
import { type Back, rollBackOnce, type Upgraded, upgradeOnce } from '../swap/by-app.js';
import { openFloor } from '../swap/floor.js';
import { type Ground, openStage } from '../swap/stage.js';

export type Round = {
  readonly upgraded: Upgraded;
  readonly back: Back;
  readonly floor: number;
  readonly floorBack: number;
};
export type Series = { readonly startMs: number; readonly rounds: readonly Round[] };

/** The target of the gap above the program's own start-up, in milliseconds. */
const TARGET_MS = 300;

const inTurn = async <A, B>(
  firstFirst: boolean,
  first: () => Promise<A>,
  second: () => Promise<B>,
): Promise<[A, B]> => {
  if (firstFirst) return [await first(), await second()];
  const later = await second();
  return [await first(), later];
};

/** The App and the floor by turns, so that a busy moment hits both alike. The first round warms up and is not counted. */
export const measureSeries = async (
  ground: Ground,
  { startMs, rounds, goOn }: { startMs: number; rounds: number; goOn: () => void },
): Promise<Series> => {
  const stage = await openStage(ground, `start-${startMs}`, startMs);
  const floor = await openFloor(ground, startMs);
  const done: Round[] = [];
  try {
    for (let round = 0; round <= rounds; round += 1) {
      goOn();
      const even = round % 2 === 0;
      const [upgraded, there] = await inTurn(even, () => upgradeOnce(stage), floor.forward);
      const [back, andBack] = await inTurn(even, () => rollBackOnce(stage, upgraded.run), floor.back);
      if (round > 0) done.push({ upgraded, back, floor: there.ms, floorBack: andBack.ms });
    }
  } finally {
    await floor.close();
    await stage.close();
  }
  return { startMs, rounds: done };
};

const start = (ms: number): string => `${ms.toLocaleString('en')} ms`;

const gapRow = ({ startMs, rounds }: Series): readonly string[] => {
  const gaps = rounds.map(({ upgraded }) => upgraded.gap.ms);
  const met = gaps.filter((gap) => gap <= startMs + TARGET_MS).length;
  return [
    start(startMs),
    String(rounds.length),
    show(gaps),
    show(rounds.map(({ floor }) => floor)),
    show(rounds.map(({ upgraded, floor }) => upgraded.gap.ms - floor)),
    show(gaps.map((gap) => gap - startMs)),
    `${met} of ${rounds.length}`,
  ];
};

const spentRow = ({ startMs, rounds }: Series): readonly string[] => {
  const times = rounds.map(({ upgraded }) => upgraded);
  return [
    start(startMs),
    show(times.map(({ timeline }) => timeline.stopMs)),
    show(times.map(({ timeline }) => timeline.betweenMs)),
    show(times.map(({ timeline }) => timeline.startMs)),
    show(times.map(({ answerMs }) => answerMs)),
  ];
};

const backRow = ({ startMs, rounds }: Series): readonly string[] => [
  start(startMs),
  String(rounds.length),
  show(rounds.map(({ back }) => back.clickMs)),
  show(rounds.map(({ back }) => back.gap.ms)),
  show(rounds.map(({ floorBack }) => floorBack)),
  show(rounds.map(({ back }) => back.timeline.stopMs + back.timeline.startMs)),
  show(rounds.map(({ back }) => back.timeline.betweenMs)),
];

export const upgradeSection = (series: readonly Series[]): Section => ({
  title: '1. One host-network API container, upgraded through the App',
  lines: [
    'The gap is the longest time between two good answers, in ms: median [min..max].',
    '',
    ...table(
      [
        'start-up',
        'runs',
        'gap by the App',
        'floor: raw stop, start',
        'App − floor, pairwise',
        'gap − start-up',
        `≤ start-up + ${TARGET_MS} ms`,
      ],
      series.map(gapRow),
    ),
    'Where the time went, in ms, by the journal (which is on disk before and after each call):',
    '',
    ...table(
      ['start-up', 'stop', 'between stop and start', 'start', 'answered start → first answer'],
      series.map(spentRow),
    ),
  ],
});

export const rollbackSection = (series: readonly Series[]): Section => ({
  title: '2. Roll back by one click',
  lines: [
    'From `app.rollback` to the old API’s answer, in ms: median [min..max]. Nothing is pulled or created.',
    '',
    ...table(
      [
        'start-up',
        'runs',
        'click → old answer',
        'gap',
        'floor: raw stop, start',
        'stop + start, by the journal',
        'between stop and start',
      ],
      series.map(backRow),
    ),
  ],
});
