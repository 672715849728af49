import { redactor } from '../../../src/redact.js';
import { renderMessage } from '../../../src/render/message.js';
import { redacted } from '../../../src/render/redacted.js';
import { isPromptSlot } from '../../../src/slack/prompts.js';
import { slotsOf } from '../../../src/slack/slots.js';
import { decisionButtons, runButtons } from '../../../src/views/buttons.js';
import type { SimMessage } from '../../doubles/simulated-slack.js';
import { buttonsIn } from './people.js';
import type { Stage } from './stage.js';

const textOf = (value: unknown): string => JSON.stringify(value);

const isMarked = (metadata: unknown, { run, slot }: { run: string; slot: string }): boolean => {
  const { event_payload: mark } = (metadata ?? {}) as { event_payload?: { run?: string; slot?: string } };
  return mark?.run === run && mark.slot === slot;
};

/** I11: Slack shows each run as it is, and no button stands there that is not one of the run's of now. */
export const judgeThread = ({ kept, slack, scene }: Stage): readonly string[] => {
  const found: string[] = [];
  const runs = Object.values(kept.state().runs);
  const clean = redactor();
  for (const run of runs) {
    for (const slot of slotsOf(run, []).filter(({ name }) => !isPromptSlot(name))) {
      // By their mark: where one stands may not have been journaled.
      const copies = slack.messages.filter(({ metadata }) =>
        isMarked(metadata, { run: run.id, slot: slot.name }),
      );
      const wanted = renderMessage(redacted(slot.reply(), clean.redact), scene.config.blocks);
      const isRight = ({ shown }: SimMessage): boolean =>
        shown.text === wanted.text && textOf(shown.blocks) === textOf(wanted.blocks);
      if (copies.length === 0)
        found.push(`I11: the ${slot.name} message of run ${run.id} (${run.phase}) is not in Slack`);
      else if (!copies.some(isRight))
        found.push(
          `I11: the ${slot.name} message of run ${run.id} does not say how things are (${run.phase})`,
        );
    }
  }
  const live = new Set(
    runs.flatMap((run) =>
      [...runButtons(run), ...decisionButtons(run)].map(({ verb, ref }) => `${verb} ${ref}`),
    ),
  );
  for (const { shown, ts } of slack.messages)
    for (const { verb, ref } of buttonsIn(shown.blocks)) {
      const known = [...live].some((one) => one === `${verb} ${ref}` || `${verb} ${ref}`.startsWith(one));
      if (!known)
        found.push(`I11: message ${ts} still has a button "${verb} ${ref}" that is not the run's any more`);
    }
  return found;
};
