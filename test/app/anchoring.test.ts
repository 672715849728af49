import { expect, test } from 'vitest';
import { anchoring } from '../../src/app/anchoring.js';
import { renderText } from '../../src/render/text.js';
import type { RunEvent } from '../../src/run/event.js';
import { memoryJournal } from '../../src/store/memory.js';
import { resultView } from '../../src/views/index.js';
import { erin, vera } from '../builders.js';
import { bornOver, cinderCloud, freshScene, upgradeTo } from '../run/scene.js';
import { requested } from '../store/events.js';
import { openIn, temporaryFolder } from '../store/folder.js';

const listLog = () => {
  const said: object[] = [];
  return { said, info: (about: object) => said.push(about), warn: (about: object) => said.push(about) };
};

const anchorsIn = async (
  journal: { eventsOf(run: string): Promise<readonly { event: RunEvent }[]> },
  run = 'r1',
) => (await journal.eventsOf(run)).flatMap(({ event }) => (event.kind === 'anchored' ? [event] : []));

test('a run that ended is anchored once, and its last message shows the whole hash', async () => {
  const { life } = await freshScene();
  const run = await upgradeTo(life.app, '2025.2');
  await life.app.close();
  const anchors = await anchorsIn(life.journal, run.id);
  expect(anchors).toHaveLength(1);
  const now = life.app.run(run.id);
  expect(now).toMatchObject({ phase: 'upgraded', anchor: { seq: anchors[0]?.seq, hash: anchors[0]?.hash } });
  expect(renderText(resultView(now))).toContain(`Audit: record ${now.anchor?.seq}, ${now.anchor?.hash}`);
});

test('the anchor is the record at which the run ended, is logged, and is in the chain on the disk', async () => {
  const store = await openIn(temporaryFolder());
  const log = listLog();
  const anchors = anchoring(store, log);
  await store.append('r1', requested);
  expect(await anchorsIn(store)).toEqual([]);
  await store.append('r1', { kind: 'cancelled', by: erin });
  const head = store.head();
  await anchors.stop();
  expect(await anchorsIn(store)).toEqual([{ kind: 'anchored', ...head }]);
  expect(log.said).toEqual([{ run: 'r1', phase: 'cancelled', ...head }]);
  await store.close();
});

test('each rest of a run has an anchor of its own', async () => {
  const journal = memoryJournal();
  const anchors = anchoring(journal, listLog());
  const say = async (...events: RunEvent[]) => {
    for (const event of events) await journal.append('r1', event);
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  await say(requested, { kind: 'approved', by: vera, fingerprint: 'x' }, { kind: 'started' });
  await say({ kind: 'asked', why: 'why', choices: ['resume'] });
  const first = journal.state().runs.r1?.anchor;
  expect(first).toBeDefined();
  await say({ kind: 'resumed', by: erin });
  expect(journal.state().runs.r1?.anchor).toBeUndefined();
  await say({ kind: 'asked', why: 'why', choices: ['resume'] });
  await anchors.stop();
  expect(journal.state().runs.r1?.anchor?.seq).toBeGreaterThan(first?.seq ?? 0);
  expect(await anchorsIn(journal)).toHaveLength(2);
});

test('an anchor that cannot be written is logged, and ends nothing', async () => {
  const journal = memoryJournal();
  const log = listLog();
  const anchors = anchoring({ ...journal, append: () => Promise.reject(new Error('no disk')) }, log);
  await journal.append('r1', requested);
  await journal.append('r1', { kind: 'cancelled', by: erin });
  await anchors.stop();
  expect(log.said).toMatchObject([{ run: 'r1', err: 'no disk' }]);
});

test('a run whose bot died before it wrote down the head is anchored at the next start, once', async () => {
  const scene = await cinderCloud();
  const journal = memoryJournal();
  await journal.append('r1', requested);
  await journal.append('r1', { kind: 'cancelled', by: erin });
  for (const _life of [1, 2])
    await (await bornOver(scene, { ...journal, close: async () => undefined })).app.close();
  expect(await anchorsIn(journal)).toHaveLength(1);
  expect(journal.state().runs.r1?.anchor).toBeDefined();
});
