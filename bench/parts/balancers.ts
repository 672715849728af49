import { buildImages } from '../balancer/images.js';
import { type Asked, FULL, type LoadReport, totalOf } from '../balancer/load.js';
import { backUnderLoad, openBalancedStage, upgradeUnderLoad, type Wish } from '../balancer/stage.js';
import { type Section, table } from '../report.js';
import type { Ground } from '../swap/stage.js';

type Row = { readonly what: string; readonly reports: readonly LoadReport[] };

type Kind = { readonly what: string; readonly back: string; readonly wish: Wish };

const KINDS: readonly Kind[] = [
  {
    what: 'two API hosts, drained: upgrade',
    back: 'two API hosts, drained: roll back',
    wish: { name: 'drained', count: 2, level: 'admin' },
  },
  {
    what: 'two API hosts, socket not admin level: upgrade',
    back: 'two API hosts, socket not admin level: roll back',
    wish: { name: 'not-drained', count: 2, level: 'operator' },
  },
  {
    what: 'one API host: upgrade',
    back: 'one API host: roll back',
    wish: { name: 'alone', count: 1, level: 'admin' },
  },
];

const ROUNDS = 3;

const measureKind = async (
  ground: Ground,
  { what, back, wish }: Kind,
  goOn: () => void,
): Promise<readonly Row[]> => {
  const stage = await openBalancedStage(ground, wish);
  const [there, andBack]: [LoadReport[], LoadReport[]] = [[], []];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      goOn();
      const { run, report } = await upgradeUnderLoad(stage, FULL);
      there.push(report);
      goOn();
      andBack.push((await backUnderLoad(stage, FULL, run.id)).report);
    }
  } finally {
    await stage.close();
  }
  return [
    { what, reports: there },
    { what: back, reports: andBack },
  ];
};

const ratio = (reports: readonly LoadReport[], how: Asked): string => {
  const totals = reports.map((report) => totalOf(report, [how]));
  const sum = (key: 'failed' | 'sent'): number => totals.reduce((all, one) => all + one[key], 0);
  return `${sum('failed')} of ${sum('sent')}`;
};

/** From the first failure to the last one, per run; runs without one count as 0. */
const awayMs = ({ failures }: LoadReport): number => (failures.at(-1)?.at ?? 0) - (failures[0]?.at ?? 0);

const rateOf = (reports: readonly LoadReport[]): string => {
  const seconds = reports.reduce((all, one) => all + one.seconds, 0);
  const sent = reports.reduce((all, one) => all + totalOf(one, ['fresh', 'kept']).sent, 0);
  return (sent / seconds).toFixed(0);
};

const rowOf = ({ what, reports }: Row): readonly string[] => [
  what,
  String(reports.length),
  ratio(reports, 'fresh'),
  ratio(reports, 'kept'),
  ratio(reports, 'slow'),
  Math.max(...reports.map(awayMs)).toFixed(0),
  rateOf(reports),
];

/** Requests that fail while an API behind HAProxy is upgraded and rolled back, and why draining is worth its setting. */
export const balancerSection = async (ground: Ground, goOn: () => void): Promise<Section> => {
  await buildImages(ground.engine.docker, ground.identity);
  const rows: Row[] = [];
  for (const kind of KINDS) rows.push(...(await measureKind(ground, kind, goOn)));
  return {
    title: '7. Behind HAProxy, under load',
    lines: [
      `Clients in a process of their own send ${FULL.perSecond.fresh} requests a second on new connections and ${FULL.perSecond.kept} on kept ones, and have ${FULL.slowClients}`,
      'slow ones of 2 to 5 s under way all the time. Debian’s HAProxy with kolla-ansible’s backend settings; the API stops as uWSGI',
      'does. A failure is any answer but 200, or none. The last column is what this machine got sent of the wanted rate.',
      '',
      ...table(
        [
          'what',
          'runs',
          'failed: new connections',
          'failed: kept alive',
          'failed: slow',
          'first to last failure, worst run, ms',
          'requests/s sent',
        ],
        rows.map(rowOf),
      ),
    ],
  };
};
