import type { Reply } from '../command.js';
import type { Phase } from '../run/phase.js';
import type { Run } from '../run/run.js';
import {
  askView,
  glassView,
  healthView,
  planView,
  progressView,
  resultView,
  reviewDueView,
  rootView,
} from '../views/index.js';
import { answeredView, PROMPT_PHASES, type Prompt } from './prompts.js';

/** One message of a run: its name in the journal, what it should say now. All but `root` stand in the root's thread. */
export type Slot = {
  readonly name: string;
  readonly reply: () => Reply;
  /** Too late to post it: it is only put right where it stands, or may stand, already. */
  readonly late?: true;
  /** Another channel than the root's, in which it stands by itself. */
  readonly channel?: string;
};

/** Each of these ends is a message of its own, since an edited message notifies nobody. */
const ENDS: readonly Phase[] = [
  'upgraded',
  'rolled-back',
  'finalized',
  'failed',
  'rejected',
  'cancelled',
  'expired',
  'voided',
];

const judged = (run: Run): boolean =>
  run.steps.some((step) => (run.direction === 'back' ? step.backHealth : step.health) !== undefined);

const promptSlots = (run: Run, prompts: readonly Prompt[]): readonly Slot[] =>
  prompts.flatMap((prompt, index) => {
    // The run may be a question further than the journal was when the questions were read.
    const open = index === prompts.length - 1 && !prompt.answer && PROMPT_PHASES.includes(run.phase);
    if (open) return [{ name: prompt.slot, reply: () => askView(run) }];
    return [{ name: prompt.slot, reply: () => answeredView(prompt), late: true }];
  });

/** A message of its own also without a security channel, since the root's mention of it is an edit, which notifies nobody. */
const glassSlots = (run: Run, channel?: string): readonly Slot[] =>
  run.brokeGlass
    ? [{ name: 'glass', reply: () => glassView(run), ...(channel === undefined ? {} : { channel }) }]
    : [];

const reviewSlots = (run: Run): readonly Slot[] =>
  run.brokeGlass && run.reviewDue ? [{ name: 'review-due', reply: () => reviewDueView(run) }] : [];

/** The messages that a run should have now, in the order in which they are posted. */
export const slotsOf = (
  run: Run,
  prompts: readonly Prompt[],
  { security_channel }: { readonly security_channel?: string | undefined } = {},
): readonly Slot[] => [
  { name: 'root', reply: () => rootView(run) },
  { name: 'plan', reply: () => planView(run) },
  ...(security_channel === undefined ? glassSlots(run) : []),
  ...(run.startedAt === undefined ? [] : [{ name: 'progress', reply: () => progressView(run) }]),
  ...(judged(run)
    ? [{ name: run.direction === 'back' ? 'health-back' : 'health', reply: () => healthView(run) }]
    : []),
  ...promptSlots(run, prompts),
  ...(ENDS.includes(run.phase) ? [{ name: `result-${run.phase}`, reply: () => resultView(run) }] : []),
  ...reviewSlots(run),
  // Last, since a channel that the bot is not in must not keep the thread waiting.
  ...(security_channel === undefined ? [] : glassSlots(run, security_channel)),
];
