import type { Line, Reply } from '../command.js';
import type { Run } from '../run/run.js';
import { fromTo, oneLine, sentence } from './words.js';

/** Whether somebody else has looked at a run that was started without approvals; `undefined` for any other run. */
export const reviewWords = (run: Run): string | undefined => {
  if (!run.brokeGlass) return undefined;
  return run.review ? `reviewed by ${run.review.by.name}` : 'not reviewed yet';
};

const reviewLine = (run: Run): Line =>
  run.review
    ? [
        { bold: 'Reviewed' },
        ' by ',
        { person: run.review.by },
        ' at ',
        { time: run.review.at },
        `: ${sentence(oneLine(run.review.text))}`,
      ]
    : [
        'An approver who had no part in it has to look at it and say what they found: ',
        { code: `review ${run.id} "what you found"` },
        '.',
      ];

/** What everybody should hear of a run that was started without approvals. */
export const glassView = (run: Run): Reply => {
  const what = `${run.plan.service} ${fromTo(run.plan)}`;
  const { by, reason = '', at = run.requestedAt } = run.brokeGlass ?? {};
  return {
    summary: `${what} was started without approvals${by ? ` by ${by.name}` : ''}: ${oneLine(reason)}`,
    blocks: [
      {
        kind: 'line',
        line: [
          { bold: 'Glass was broken.' },
          ` ${what} was started without approvals by `,
          { person: by ?? run.requestedBy },
          ' (command line) at ',
          { time: at },
          ': ',
          sentence(oneLine(reason)),
        ],
      },
      { kind: 'line', line: reviewLine(run) },
      { kind: 'small', line: ['Run ', { code: run.id }, '. Only the approvals were left out.'] },
    ],
  };
};

/** For the thread, when nobody has reviewed it for days. */
export const reviewDueView = (run: Run): Reply => ({
  summary: run.review
    ? `Run ${run.id} was reviewed by ${run.review.by.name}.`
    : `Run ${run.id} was started without approvals 72 hours ago, and nobody has reviewed it.`,
  blocks: [
    ...(run.review
      ? []
      : [
          {
            kind: 'line' as const,
            line: [{ bold: 'Started without approvals 72 hours ago, and nobody has reviewed it.' }],
          },
        ]),
    { kind: 'line', line: reviewLine(run) },
  ],
});
