import type { Reply } from '../command.js';
import type { Actor, RunEvent } from '../run/event.js';
import type { Phase } from '../run/phase.js';

/** Phases in which a run waits for a person's word. */
export const PROMPT_PHASES: readonly Phase[] = ['paused', 'interrupted', 'stuck', 'finalize-failed'];

export type Prompt = {
  /** `asked-1`, `interrupted-2`: stable over restarts, since it is counted in the journal. */
  readonly slot: string;
  readonly why: string;
  readonly answer?: { readonly words: string; readonly by?: Actor; readonly at: string };
};

const whyOf = (event: RunEvent): string | undefined => {
  switch (event.kind) {
    case 'asked':
    case 'stuck':
    case 'finalize-failed':
      return event.why;
    case 'interrupted':
      return 'Stackswap stopped while this run was under way.';
    default:
      return undefined;
  }
};

const answerOf = (event: RunEvent): { words: string; by?: Actor } | undefined => {
  switch (event.kind) {
    case 'resumed':
      return { words: 'Resumed', by: event.by };
    case 'rollback':
      return { words: 'Rolled back', by: event.by };
    case 'finalizing':
      return { words: 'Finalize was tried again' };
    case 'failed':
      return { words: 'The run ended' };
    default:
      return undefined;
  }
};

/** Every question that a run asked its people, oldest first, with the answer where there was one. */
export const promptsOf = (
  events: readonly { readonly at: string; readonly event: RunEvent }[],
): readonly Prompt[] => {
  const prompts: Prompt[] = [];
  for (const { at, event } of events) {
    const why = whyOf(event);
    const answer = answerOf(event);
    const open = prompts.at(-1);
    if (why !== undefined) prompts.push({ slot: `${event.kind}-${prompts.length + 1}`, why });
    else if (answer && open && !open.answer)
      prompts[prompts.length - 1] = { ...open, answer: { ...answer, at } };
  }
  return prompts;
};

/** What stands where the question and its buttons were. */
export const answeredView = (prompt: Prompt): Reply => {
  const { answer } = prompt;
  const by = answer?.by ? [' by ', { person: answer.by }] : [];
  return {
    summary: `${prompt.why} ${answer ? `${answer.words}${answer.by ? ` by ${answer.by.name}` : ''}.` : 'No longer asked.'}`,
    blocks: [
      { kind: 'line', line: [prompt.why] },
      {
        kind: 'line',
        line: answer
          ? [{ bold: answer.words }, ...by, ' at ', { time: answer.at }, '.']
          : [{ bold: 'No longer asked.' }],
      },
    ],
  };
};

export const isPromptSlot = (slot: string): boolean =>
  /^(asked|interrupted|stuck|finalize-failed)-\d+$/.test(slot);
