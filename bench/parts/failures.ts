import type { Build } from '../cloud/images.js';
import { type Section, table } from '../report.js';
import { show } from '../spread.js';
import { type Failed, failOnce } from '../swap/by-app.js';
import { type Ground, HEALTH, openStage } from '../swap/stage.js';

type Kind = { readonly build: Build; readonly what: string };

const KINDS: readonly Kind[] = [
  {
    build: 'no-program',
    what: 'cannot start: its program is not in the image (the engine answers 400)',
  },
  { build: 'no-user', what: 'cannot start: its user is not in the image (the engine answers 500)' },
  { build: 'dies', what: 'ends right after its start' },
  { build: 'ill', what: `never healthy, deadline ${HEALTH.deadline}` },
];

const RUNS = 5;
/** A kind that is slow to go back is repeated less often. */
const ENOUGH_MS = 15_000;

const BACK_TARGET_MS = 500;

const rowOf = ({ what }: Kind, failed: readonly Failed[]): readonly string[] => [
  what,
  String(failed.length),
  show(failed.map(({ gap }) => gap.ms)),
  show(failed.map(({ verdictMs }) => verdictMs)),
  show(failed.map(({ backMs }) => backMs)),
  `${failed.filter(({ backMs }) => backMs <= BACK_TARGET_MS).length} of ${failed.length}`,
];

/** Bad builds of an API that starts in 0 ms: how long until the old one answers again. */
export const failureSection = async (ground: Ground, goOn: () => void): Promise<Section> => {
  const stage = await openStage(ground, 'failures', 0);
  const rows: (readonly string[])[] = [];
  try {
    for (const kind of KINDS) {
      const failed: Failed[] = [];
      const began = performance.now();
      while (failed.length < RUNS && performance.now() - began < ENOUGH_MS) {
        goOn();
        failed.push(await failOnce(stage, kind.build));
      }
      rows.push(rowOf(kind, failed));
    }
  } finally {
    await stage.close();
  }
  return {
    title: '3. A bad new image, program start-up 0 ms',
    lines: [
      'In ms: median [min..max]. The decision is the journaled roll back, which nobody asks for.',
      '',
      ...table(
        [
          'new image',
          'runs',
          'gap: old answer → old answer',
          'failing start → decision',
          'decision → old answer',
          `back ≤ ${BACK_TARGET_MS} ms`,
        ],
        rows,
      ),
    ],
  };
};
