import type { Block, Button, Line, Reply } from '../command.js';
import { noWayBack as pastGoingBack } from '../run/going-back.js';
import { HALTED } from '../run/phase.js';
import type { Run } from '../run/run.js';
import { buttonBlocks, runButtons } from './buttons.js';
import { whyNoWayBack } from './going-back.js';
import { listBlocks } from './list.js';
import { outputBlocks } from './outputs.js';
import { stateWords } from './state.js';
import { oneLine, sentence } from './words.js';

const resumeMeans = (run: Run): string => {
  if (run.direction === 'back') return 'tries the roll back again, from where it stopped.';
  return run.direction === 'finalize'
    ? 'goes on with Finalize, from where it stopped.'
    : 'goes on with the upgrade, from where it stopped.';
};

const meaning = (run: Run, button: Button): Line => {
  switch (button.verb) {
    case 'resume':
      return [{ bold: 'Resume' }, ' ', resumeMeans(run)];
    case 'rollback':
      return [{ bold: 'Roll back' }, ' ', 'starts the kept old containers again; migrations are not undone.'];
    default:
      return [{ bold: button.label }, ' ', 'tries Finalize again; nothing that is kept was removed.'];
  }
};

const why = (run: Run): string => {
  if (run.phase === 'interrupted')
    return 'Stackswap stopped while this was under way; what it had begun is in the journal.';
  return sentence(oneLine(run.asked?.why ?? run.why ?? 'A person must decide.'));
};

const commandBlocks = (run: Run): readonly Block[] =>
  run.phase === 'stuck' && run.commands && run.commands.length > 0
    ? [
        { kind: 'line', line: ['What remains to be done by hand, if Resume does not do it:'] },
        { kind: 'output', text: run.commands.join('\n') },
      ]
    : [];

const otherWayOut = (run: Run): readonly Line[] =>
  HALTED.includes(run.phase) ||
  run.phase === 'stuck' ||
  run.phase === 'finalize-failed' ||
  pastGoingBack(run) !== undefined
    ? [
        [
          'Where that cannot work: ',
          { code: `cancel ${run.id}` },
          pastGoingBack(run) === undefined && HALTED.includes(run.phase)
            ? ' goes back wherever that can be done; where it can be done nowhere, it closes the run as it is, and the service stays on hold.'
            : ' closes the run as it is; the service stays on hold.',
        ],
      ]
    : [];

const noWayBack = (run: Run): readonly Line[] => {
  const reason = whyNoWayBack(run);
  return reason === undefined || run.direction === 'back'
    ? []
    : [[{ bold: 'No one-click rollback:' }, ' ', reason]];
};

/** A question to the people of a thread: what happened, what each button does. */
export const askView = (run: Run): Reply => {
  const buttons = runButtons(run);
  return {
    summary: `${run.plan.service} is ${stateWords(run)}. ${why(run)}`,
    blocks: [
      { kind: 'line', line: [{ bold: `${run.plan.service} is ${stateWords(run)}.` }] },
      { kind: 'line', line: [why(run)] },
      ...commandBlocks(run),
      ...outputBlocks(run, ({ status }) => status !== 'done'),
      ...listBlocks([
        ...buttons.map((button) => meaning(run, button)),
        ...noWayBack(run),
        ...otherWayOut(run),
      ]),
      ...buttonBlocks(buttons),
    ],
  };
};
