import type { Block, Line } from '../command.js';
import type { ConfigDiff, Plan } from '../plan/plan.js';
import { count, listed } from './words.js';

type FileDiff = ConfigDiff['files'][number];

/** The same change of one file of one container, on all hosts that have it. */
type Folded = { readonly container: string; readonly file: FileDiff; readonly hosts: readonly string[] };

const folded = ({ configDiffs = [] }: Plan): readonly Folded[] => {
  const byChange = new Map<string, Folded>();
  for (const { host, container, files } of configDiffs)
    for (const file of files) {
      const key = JSON.stringify([container, file]);
      const before = byChange.get(key);
      byChange.set(key, { container, file, hosts: [...(before?.hosts ?? []), host] });
    }
  return [...byChange.values()];
};

const linesIn = ({ lines }: FileDiff): number => {
  const [, more] = /^… (\d+) more lines$/.exec(lines.at(-1) ?? '') ?? [];
  return more === undefined ? lines.length : lines.length - 1 + Number(more);
};

const CHANGES: Record<FileDiff['change'], (file: FileDiff) => string> = {
  added: () => 'is new',
  changed: (file) => `changes (${count(linesIn(file), 'line')})`,
  'stays, unused': () => 'stays, unused',
  'stays, used': () => 'stays, and is used by the new release',
};

const summaryOf = (container: string, hosts: readonly string[], files: readonly FileDiff[]): Line => [
  { code: container },
  ` on ${listed(hosts)}: `,
  files.map((file) => `${file.path} ${CHANGES[file.change](file)}`).join('; '),
];

/** What is installed on which host, in few words. */
export const configLines = (plan: Plan): readonly Line[] => {
  const { configDiffs = [] } = plan;
  if (configDiffs.length === 0) return [];
  const groups = new Map<string, { container: string; hosts: string[]; files: readonly FileDiff[] }>();
  for (const { host, container, files } of configDiffs) {
    const key = JSON.stringify([container, files]);
    const group = groups.get(key) ?? { container, hosts: [], files };
    groups.set(key, { ...group, hosts: [...group.hosts, host] });
  }
  return [
    ['Installed at each container’s swap, while it is stopped; going back puts the present files back.'],
    ...[...groups.values()].map(({ container, hosts, files }) => summaryOf(container, hosts, files)),
  ];
};

/** Shorter than what a text block of Slack's holds, which would else lose its beginning. Characters. */
const PIECE = 2_400;

const pieces = (lines: readonly string[]): readonly string[] => {
  const texts: string[] = [];
  for (const line of lines) {
    const last = texts.at(-1);
    if (last === undefined || last.length + line.length + 1 > PIECE) texts.push(line);
    else texts[texts.length - 1] = `${last}\n${line}`;
  }
  return texts;
};

/** Setting by setting what changes, without any secret's value. Long, so it stands behind what people decide by. */
export const configBlocks = (plan: Plan): readonly Block[] => {
  const changes = folded(plan).filter(({ file }) => file.lines.length > 0);
  if (changes.length === 0) return [];
  return [
    { kind: 'divider' },
    { kind: 'line', line: [{ bold: 'What changes in the configuration' }, ', secrets left out:'] },
    ...changes.flatMap(({ container, file, hosts }): readonly Block[] => [
      { kind: 'line', line: [{ code: `${container}: ${file.path}` }, ` on ${listed(hosts)}`] },
      ...pieces(file.lines).map((text): Block => ({ kind: 'output', text })),
    ]),
  ];
};
