import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/run/event.js';
import { slotsOf } from '../../src/slack/slots.js';
import { glassView, historyView, reviewDueView, rootView } from '../../src/views/index.js';
import { plain } from '../../src/views/words.js';
import { adam, olga, runAt } from '../builders.js';

const broke: RunEvent = { kind: 'broke-glass', by: adam, reason: 'the API is down since two' };
const reviewed: RunEvent = { kind: 'reviewed', by: olga, text: 'it was down indeed' };
const runWith = (...after: readonly RunEvent[]) => runAt('proposed', { after });

const linesOf = (reply: ReturnType<typeof rootView>): string =>
  reply.blocks
    .flatMap((block) => (block.kind === 'line' || block.kind === 'small' ? [plain(block.line)] : []))
    .join('\n');

describe('a run that was started without approvals', () => {
  test('says so in the channel, with whether somebody has reviewed it', () => {
    expect(linesOf(rootView(runWith(broke)))).toContain(
      'started without approvals by Adam, not reviewed yet',
    );
    expect(linesOf(rootView(runWith(broke, reviewed)))).toContain('by Adam, reviewed by Olga');
  });

  test('says so in the history until it is reviewed, and then by whom', () => {
    const tableOf = (...after: readonly RunEvent[]) =>
      JSON.stringify(historyView([runWith(...after)]).blocks);
    expect(tableOf(broke)).toContain('without approvals, not reviewed yet');
    expect(tableOf(broke, reviewed)).toContain('without approvals, reviewed by Olga');
    expect(tableOf()).not.toContain('without approvals');
  });

  test('is told to the security channel with who, why, and what is to be done', () => {
    const text = linesOf(glassView(runWith(broke)));
    expect(text).toContain('Glass was broken. cinder 2025.1 → 2025.2 was started without approvals by Adam');
    expect(text).toContain('the API is down since two.');
    expect(text).toContain('review r1 "what you found"');
    expect(linesOf(glassView(runWith(broke, reviewed)))).toContain('Reviewed by Olga');
  });

  test('has a message of its own: in the security channel where there is one, else in the thread', () => {
    const slots = (after: readonly RunEvent[], security_channel?: string) =>
      slotsOf(runWith(...after), [], { security_channel }).map(({ name, channel }) => [name, channel]);
    const thread = [
      ['root', undefined],
      ['plan', undefined],
    ];
    expect(slots([broke])).toEqual([...thread, ['glass', undefined]]);
    expect(slots([broke], 'C0SEC')).toEqual([...thread, ['glass', 'C0SEC']]);
    expect(slots([])).toEqual(thread);
    expect(slots([], 'C0SEC')).toEqual(thread);
  });

  test('has a reminder in its thread when the review is due, and only then', () => {
    const due: RunEvent = { kind: 'review-due' };
    const reminders = (...after: readonly RunEvent[]) =>
      slotsOf(runWith(...after), []).filter(({ name }) => name === 'review-due').length;
    expect([reminders(broke), reminders(broke, due)]).toEqual([0, 1]);
  });

  test('is reminded of in words that end once it is reviewed', () => {
    const due: RunEvent = { kind: 'review-due' };
    expect(reviewDueView(runWith(broke, due)).summary).toContain('nobody has reviewed it');
    expect(reviewDueView(runWith(broke, due, reviewed)).summary).toBe('Run r1 was reviewed by Olga.');
  });
});
