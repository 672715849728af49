import type { ActionsBlock, Button as SlackButton } from '@slack/types';
import type { Button } from '../command.js';
import { cleanLine, cut } from './clean.js';
import { LIMITS } from './limits.js';

/** `action_id` of a button; the verb behind the colon enters by the same door as typed words. */
export const ACTION_PREFIX = 'stackswap:';

const plain = (text: string, max: number) => ({
  type: 'plain_text' as const,
  text: cut(cleanLine(text), max) || '–',
  emoji: false,
});

const drawButton = ({ label, verb, ref, turn, style, confirm }: Button): SlackButton => ({
  type: 'button',
  text: plain(label, LIMITS.buttonText),
  action_id: cut(`${ACTION_PREFIX}${verb}`, LIMITS.id),
  value: cut(cleanLine(turn === undefined ? ref : `${ref}:t${turn}`), LIMITS.buttonValue),
  accessibility_label:
    cut(cleanLine(`${label} ${ref.split(':')[0] ?? ''}`), LIMITS.accessibilityLabel) || verb,
  ...(style ? { style } : {}),
  ...(confirm
    ? {
        confirm: {
          title: plain(confirm.title, LIMITS.confirmTitle),
          text: plain(confirm.text, LIMITS.confirmText),
          confirm: plain(confirm.yes, LIMITS.confirmButton),
          deny: plain('Not now', LIMITS.confirmButton),
          ...(style ? { style } : {}),
        },
      }
    : {}),
});

/** An `action_id` may stand only once in a block, so a verb that comes again opens the next block. */
export const actionsBlocks = (buttons: readonly Button[]): readonly ActionsBlock[] => {
  const groups: Button[][] = [];
  for (const button of buttons) {
    const open = groups.at(-1);
    if (open && open.length < LIMITS.actions && !open.some((other) => other.verb === button.verb))
      open.push(button);
    else groups.push([button]);
  }
  return groups.map((group) => ({ type: 'actions', elements: group.map(drawButton) }));
};
