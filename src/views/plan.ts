import { ROLLBACK_CLASSES } from '../catalogue/service.js';
import type { Block, Line, Reply } from '../command.js';
import type { Finding, Plan, Step } from '../plan/plan.js';
import type { Run } from '../run/run.js';
import { say } from '../steps/index.js';
import { approvalLines } from './approval.js';
import { buttonBlocks, decisionButtons } from './buttons.js';
import { configBlocks, configLines } from './config-diff.js';
import { goingBackLines } from './going-back.js';
import { interruptionLines } from './interruption.js';
import { swapWords } from './step.js';
import { count, fromTo, sentence } from './words.js';

type Section = { readonly title: string; readonly lines: readonly Line[] };

const numbered = (steps: readonly Step[], plan: Plan): readonly Line[] =>
  steps.map((step, at) => [`${at + 1}. ${say(step, plan)}`]);

/** The code is what the tables of the documentation are sorted by. */
const findingLine = ({ code, level, text, wayOut }: Finding): Line => [
  { bold: level === 'block' ? 'Blocks:' : 'Warning:' },
  ' ',
  sentence(text),
  ...(wayOut === undefined ? [] : [` ${sentence(wayOut)}`]),
  ' (',
  { code },
  ')',
];

/** Blocking ones first, each with its way out. */
export const findingLines = (findings: readonly Finding[]): readonly Line[] =>
  [
    ...findings.filter((finding) => finding.level === 'block'),
    ...findings.filter((finding) => finding.level === 'warn'),
  ].map(findingLine);

export const blockers = (plan: Plan): readonly Finding[] =>
  plan.findings.filter((finding) => finding.level === 'block');

const overrideLines = ({ overrides }: Plan): readonly Line[] => [
  ...(overrides.jump === undefined
    ? []
    : [
        [
          { bold: 'OpenStack does not support this jump.' },
          ' ',
          `It is made all the same, because: “${overrides.jump}”`,
        ],
      ]),
  ...(overrides.backup === undefined
    ? []
    : [[{ bold: 'Word given for a database backup:' }, ' ', `“${overrides.backup}”`]]),
];

const containerLines = (plan: Plan): readonly Line[] =>
  plan.steps.flatMap((step) =>
    step.kind === 'swap' ? [[{ code: step.old.name }, ` on ${step.old.host}: ${swapWords(step)}`]] : [],
  );

const noReturnLines = (plan: Plan): readonly Line[] =>
  plan.finalize.length === 0
    ? [['Finalize ends the possibility to go back by click; it has nothing else to do.']]
    : [
        [
          'Finalize, which has a button and approvals of its own and is not part of the upgrade. It does this:',
        ],
        ...numbered(plan.finalize, plan),
      ];

const sectionsOf = (plan: Plan): readonly Section[] =>
  [
    { title: 'Findings', lines: findingLines(plan.findings) },
    { title: 'Overrides', lines: overrideLines(plan) },
    { title: 'Containers', lines: containerLines(plan) },
    { title: 'Configuration of the target release', lines: configLines(plan) },
    { title: 'Steps', lines: numbered(plan.steps, plan) },
    { title: 'What the service is asked', lines: (plan.asks ?? []).map((one) => [sentence(one)]) },
    { title: 'What is interrupted', lines: interruptionLines(plan) },
    { title: 'Point of no return', lines: noReturnLines(plan) },
    {
      title: `Going back (class ${plan.rollbackClass}: ${ROLLBACK_CLASSES[plan.rollbackClass]})`,
      lines: goingBackLines(plan),
    },
    { title: 'Hazards', lines: plan.hazards.map((hazard) => [sentence(hazard)]) },
  ].filter((section) => section.lines.length > 0);

/** The whole plan in an operator's words, section by section. */
export const planLines = (plan: Plan): readonly Line[] =>
  sectionsOf(plan).flatMap(({ title, lines }) => [[{ bold: title }], ...lines]);

const sectionBlocks = ({ title, lines }: Section): readonly Block[] => [
  { kind: 'line', line: [{ bold: title }] },
  { kind: 'list', lines },
];

const planBlocks = (plan: Plan): readonly Block[] => [
  { kind: 'heading', text: `Plan: ${plan.service} ${fromTo(plan)}` },
  ...sectionsOf(plan).flatMap(sectionBlocks),
];

/** What people approve: the plan, the state of its approvals, and the buttons while it waits. */
export const planView = (run: Run): Reply => ({
  summary: `Plan ${run.id}: ${run.plan.service} ${fromTo(run.plan)}, asked for by ${run.requestedBy.name}.`,
  blocks: [
    ...planBlocks(run.plan),
    { kind: 'divider' },
    { kind: 'line', line: [{ bold: 'Approval' }] },
    { kind: 'list', lines: approvalLines(run) },
    ...buttonBlocks(decisionButtons(run)),
    ...configBlocks(run.plan),
  ],
});

/** The words that ask for just this plan: its tag, since a release may stand for another one, and what was vouched for. */
const requestOf = ({ service, to, overrides }: Plan): string => {
  const said = (word: string, reason: string | undefined): string => {
    const quote = reason?.includes('"') ? "'" : '"';
    return reason === undefined ? '' : ` ${word} ${quote}${reason}${quote}`;
  };
  return `upgrade ${service} to ${to.tag}${said('override', overrides.jump)}${said('backup', overrides.backup)}`;
};

/** A dry run: nothing is journaled, nothing can be clicked. */
export const dryRunView = (plan: Plan): Reply => {
  const blocked = blockers(plan).length;
  return {
    summary: `${plan.service} ${fromTo(plan)}: ${blocked > 0 ? `${count(blocked, 'finding')} would block it` : 'could be asked for now'}. Nothing was started.`,
    blocks: [
      ...planBlocks(plan),
      {
        kind: 'small',
        line:
          blocked > 0
            ? ['Mend what blocks, then plan again.']
            : ['To ask for it: ', { code: requestOf(plan) }, '.'],
      },
      ...configBlocks(plan),
    ],
  };
};
