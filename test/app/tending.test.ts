import { expect, test } from 'vitest';
import { REVIEW_MS, tendTimes } from '../../src/app/tending.js';
import { memoryJournal } from '../../src/store/memory.js';
import { adam, eventsTo, olga } from '../builders.js';

const START = Date.parse('2026-11-22T10:00:00.000Z');

const withGlass = async () => {
  let now = START;
  const journal = memoryJournal({ clock: () => now });
  for (const event of eventsTo('proposed')) await journal.append('r1', event);
  await journal.append('r1', { kind: 'broke-glass', by: adam, reason: 'the API is down since two' });
  await journal.append('r1', { kind: 'cancelled', by: adam });
  const tendAt = async (ms: number) => {
    now = START + ms;
    await tendTimes(journal, now);
    return (await journal.eventsOf('r1')).filter(({ event }) => event.kind === 'review-due').length;
  };
  return { journal, tendAt };
};

test('a run without approvals is said to want its review after 72 hours, and once only', async () => {
  const { tendAt } = await withGlass();
  expect(REVIEW_MS).toBe(72 * 3_600_000);
  expect(await tendAt(REVIEW_MS - 1)).toBe(0);
  expect(await tendAt(REVIEW_MS)).toBe(1);
  expect(await tendAt(REVIEW_MS * 2)).toBe(1);
});

test('a run that was reviewed is never said to want it', async () => {
  const { journal, tendAt } = await withGlass();
  await journal.append('r1', { kind: 'reviewed', by: olga, text: 'the API was down indeed' });
  expect(await tendAt(REVIEW_MS * 2)).toBe(0);
});

test('a run that had its approvals wants no review', async () => {
  const journal = memoryJournal({ clock: () => START });
  for (const event of eventsTo('upgraded')) await journal.append('r1', event);
  await tendTimes(journal, START + REVIEW_MS * 2);
  expect(journal.state().runs.r1?.reviewDue).toBeUndefined();
});

test('a request that waited too long expires at its time, and not before', async () => {
  const journal = memoryJournal({ clock: () => START });
  for (const event of eventsTo('proposed')) await journal.append('r1', event);
  await tendTimes(journal, Date.parse('2026-11-22T10:29:59.999Z'));
  expect(journal.state().runs.r1?.phase).toBe('proposed');
  await tendTimes(journal, Date.parse('2026-11-22T10:30:00.000Z'));
  expect(journal.state().runs.r1?.phase).toBe('expired');
});
