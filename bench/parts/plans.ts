import { inChild } from '../child.js';
import { type Section, table } from '../report.js';
import { show } from '../spread.js';

export type PlanFigures = {
  readonly hosts: number;
  readonly containers: number;
  readonly steps: number;
  readonly planKilobytes: number;
  readonly seconds: readonly number[];
  /** Resident memory with the simulated cloud in it, before the first look. */
  readonly cloudMegabytes: number;
  readonly peakMegabytes: number;
};

const SIZES: readonly { readonly hosts: number; readonly looks: number }[] = [
  { hosts: 100, looks: 8 },
  { hosts: 1_000, looks: 4 },
];

const rowOf = (figures: PlanFigures): readonly string[] => [
  figures.hosts.toLocaleString('en'),
  figures.containers.toLocaleString('en'),
  figures.steps.toLocaleString('en'),
  `${figures.planKilobytes.toFixed(0)} kB`,
  String(figures.seconds.length),
  show(figures.seconds.map((one) => Math.round(one * 1_000))),
  figures.peakMegabytes.toFixed(0),
  figures.cloudMegabytes.toFixed(0),
];

export const planSection = async (goOn: () => void): Promise<Section> => {
  const measured: PlanFigures[] = [];
  for (const { hosts, looks } of SIZES) {
    goOn();
    measured.push(await inChild<PlanFigures>('parts/plan-child.ts', [String(hosts), String(looks)]));
  }
  return {
    title: '5. Plan of a simulated cloud',
    lines: [
      'An upgrade of cinder to the next release on every host. The simulated engines answer at once and in the same',
      'process, so this is the program’s own work, without a network; their memory is in the last column.',
      '',
      ...table(
        [
          'hosts',
          'containers',
          'steps',
          'plan',
          'runs',
          'time, ms',
          'RSS at its peak, MiB',
          'of it the cloud',
        ],
        measured.map(rowOf),
      ),
    ],
  };
};
