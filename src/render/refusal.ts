import type { Reply } from '../command.js';
import type { Refusal } from '../errors.js';

/** A refusal as an answer: one sentence that says why, and the way out. */
export const refusalReply = (refusal: Refusal): Reply => ({
  summary: `${refusal.why} ${refusal.wayOut}`,
  blocks: [
    { kind: 'line', line: [refusal.why] },
    { kind: 'small', line: [refusal.wayOut] },
  ],
});

/** A bug as an answer: ours, with the id under which the log tells more. Never a stack. */
export const bugReply = (id: string): Reply => ({
  summary: `This is our fault, not yours. Bug ${id}.`,
  blocks: [
    {
      kind: 'line',
      line: [{ bold: 'This is our fault, not yours. ' }, 'Nothing more is known here than that it failed.'],
    },
    {
      kind: 'small',
      line: [
        'The bot’s log tells what happened, under ',
        { code: id },
        '. ',
        { code: 'status' },
        ' shows how things stand.',
      ],
    },
  ],
});
