import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { machineSection } from '../../bench/machine.js';
import { markdownOf, table } from '../../bench/report.js';
import { KINDS, RATES, type Row } from './load/said.js';
import { type Phase, type Play, QUIET } from './play.js';

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

const cell = ({ requests, failed, longestGapMs, slowestMs }: Row): string =>
  `${requests} / ${failed} / ${seconds(longestGapMs)} / ${seconds(slowestMs)}`;

/** All the pauses between the phases as one. */
const quietOf = (phases: readonly Phase[]): Phase => {
  const quiet = phases.filter(({ name }) => name === QUIET);
  return {
    name: 'in between, while the test looks',
    seconds: quiet.reduce((sum, one) => sum + one.seconds, 0),
    failures: quiet.flatMap(({ failures }) => failures),
    rows: KINDS.map((kind) => {
      const rows = quiet.flatMap((one) => one.rows.filter((row) => row.kind === kind));
      return {
        kind,
        requests: rows.reduce((sum, row) => sum + row.requests, 0),
        failed: rows.reduce((sum, row) => sum + row.failed, 0),
        longestGapMs: Math.max(0, ...rows.map((row) => row.longestGapMs)),
        slowestMs: Math.max(0, ...rows.map((row) => row.slowestMs)),
      };
    }),
  };
};

export const tableOf = (phases: readonly Phase[]): readonly string[] =>
  table(
    ['phase', 'took', ...KINDS],
    [...phases.filter(({ name }) => name !== QUIET), quietOf(phases)].map((phase) => [
      phase.name,
      `${phase.seconds.toFixed(0)} s`,
      ...phase.rows.map(cell),
    ]),
  );

const RATES_LINE = KINDS.map((kind) => `${kind} ${RATES[kind]}/s`).join(', ');

/** bench/openstack.md: only what this run measured. */
export const writeReport = async (play: Play, loadBefore: string): Promise<void> => {
  const { cloud, phases } = play;
  const [first] = cloud.hosts;
  const machine = await machineSection(first.docker, [{ part: 'the way up', load: loadBefore }]);
  const text = [
    '# A real OpenStack, upgraded and rolled back by the bot',
    '',
    'Written by `npm run test:openstack`: keystone and cinder from Debian packages (Zed of bookworm, 2025.1 of trixie) on two',
    'engines as two hosts, reached over SSH; the bot is told what to do in a local Slack.',
    '',
    `Load, at fixed rates through both HAProxies inside and outside, half on new connections: ${RATES_LINE}. A request`,
    'fails when it is not answered within 30 s, or not as it should be: a token that was valid stays valid, a volume from',
    'before is in every list. Each cell: requests / failed / longest time without a good answer / slowest answer.',
    '',
    markdownOf({ title: 'Phases', lines: tableOf(phases) }),
    markdownOf({
      title: 'Way up',
      lines: table(
        ['part', 'took'],
        Object.entries(cloud.took).map(([part, took]) => [part, `${took.toFixed(0)} s`]),
      ),
    }),
    markdownOf(machine),
  ].join('\n');
  await writeFile(fileURLToPath(new URL('../../bench/openstack.md', import.meta.url)), text);
};
