import { describe, expect, test } from 'vitest';
import { redactor } from '../../src/redact.js';
import type { Journal } from '../../src/run/journal.js';
import { memoryJournal } from '../../src/store/memory.js';
import { openStore } from '../../src/store/store.js';
import { erin, eventsTo, foldRun, olga } from '../builders.js';
import { note, requested } from './events.js';
import { listLog, notesOf, temporaryFolder } from './folder.js';

type Setup = { readonly journal: Journal; readonly lines: readonly string[] };

const START = Date.parse('2026-11-22T10:00:00.000Z');
/** One second a call, as `foldRun` of the builders counts. */
const ticking = () => {
  let now = START - 1_000;
  return () => {
    now += 1_000;
    return now;
  };
};

const KINDS: readonly (readonly [string, () => Promise<Setup>])[] = [
  [
    'in memory',
    async () => {
      const log = listLog();
      return { journal: memoryJournal({ log, clock: ticking(), redact: redactor() }), lines: log.lines };
    },
  ],
  [
    'on disk',
    async () => {
      const log = listLog();
      const options = {
        folder: temporaryFolder(),
        log,
        clock: ticking(),
        redact: redactor(),
        fileLimit: 20_000,
        snapshotEvery: 7,
      };
      return { journal: await openStore(options), lines: log.lines };
    },
  ],
];

describe.each(KINDS)('a journal %s', (_name, open) => {
  test('begins empty', async () => {
    const { journal } = await open();
    expect(journal.state()).toEqual({ runs: {}, holds: {} });
    expect(await journal.eventsOf('r1')).toEqual([]);
    await journal.close();
  });

  test.each(['finalized', 'rolled-back', 'stuck', 'finalize-failed'] as const)(
    'folds a run that ends %s',
    async (phase) => {
      const { journal } = await open();
      const events = eventsTo(phase);
      for (const event of events) await journal.append('r1', event);
      expect(journal.state().runs.r1).toEqual(foldRun(events));
      expect((await journal.eventsOf('r1')).map(({ event }) => event)).toEqual(events);
      await journal.close();
    },
  );

  test('tells the events of one run only, with their times', async () => {
    const { journal } = await open();
    await journal.append('r1', requested);
    await journal.append('r11', requested);
    await journal.append('r1', note('speaks of "run":"r11"'));
    expect(await journal.eventsOf('r11')).toEqual([{ at: '2026-11-22T10:00:01.000Z', event: requested }]);
    await journal.close();
  });

  test('keeps holds beside the runs', async () => {
    const { journal } = await open();
    await journal.appendCloud({ kind: 'held', service: 'cinder', by: erin, reason: 'looking' });
    expect(journal.state().holds.cinder).toMatchObject({ reason: 'looking', at: '2026-11-22T10:00:00.000Z' });
    await journal.appendCloud({ kind: 'unheld', service: 'cinder', by: olga });
    expect(journal.state().holds).toEqual({});
    await journal.close();
  });

  test('turns down an event that is illegal in its phase, and goes on', async () => {
    const { journal } = await open();
    await journal.append('r1', requested);
    const before = journal.state();
    await expect(journal.append('r1', { kind: 'started' })).rejects.toThrow(
      'event started in phase proposed',
    );
    await expect(journal.append('r2', note('nobody'))).rejects.toThrow('unknown run r2');
    expect(journal.state()).toBe(before);
    await journal.append('r1', { kind: 'cancelled', by: erin });
    expect((await journal.eventsOf('r1')).map(({ event }) => event.kind)).toEqual(['requested', 'cancelled']);
    await journal.close();
  });

  test('keeps the order in which events were given, without waiting between them', async () => {
    const { journal } = await open();
    const texts = Array.from({ length: 100 }, (_, at) => `note ${at}`);
    await Promise.all([
      journal.append('r1', requested),
      ...texts.map((text) => journal.append('r1', note(text))),
    ]);
    expect(notesOf(journal)).toEqual(texts);
    expect((await journal.eventsOf('r1')).length).toBe(101);
    await journal.close();
  });

  test('of two rival events given together the first one counts', async () => {
    const { journal } = await open();
    await journal.append('r1', requested);
    const answers = await Promise.allSettled([
      journal.append('r1', { kind: 'rejected', by: olga }),
      journal.append('r1', { kind: 'cancelled', by: erin }),
      journal.append('r1', note('still heard')),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(journal.state().runs.r1?.phase).toBe('rejected');
    await journal.close();
  });

  test('calls listeners once per event, when the state holds it and before append answers', async () => {
    const { journal } = await open();
    const heard: unknown[] = [];
    const stop = journal.subscribe((run) => heard.push([run, notesOf(journal).length]));
    await Promise.all([
      journal.append('r1', requested),
      journal.append('r1', note('a')),
      journal.append('r1', note('b')),
    ]);
    expect(heard).toEqual([
      ['r1', 0],
      ['r1', 1],
      ['r1', 2],
    ]);
    stop();
    await journal.append('r1', note('c'));
    expect(heard).toHaveLength(3);
    await journal.close();
  });

  test('tells a cloud event without a run', async () => {
    const { journal } = await open();
    const heard: (string | undefined)[] = [];
    journal.subscribe((run) => heard.push(run));
    await journal.appendCloud({ kind: 'held', service: 'cinder', by: erin, reason: 'looking' });
    expect(heard).toEqual([undefined]);
    await journal.close();
  });

  test('logs a listener that throws or rejects, and goes on', async () => {
    const { journal, lines } = await open();
    journal.subscribe(() => {
      throw new Error('Slack is down');
    });
    journal.subscribe(async () => {
      throw new Error('Slack is slow');
    });
    const heard: unknown[] = [];
    journal.subscribe((run) => heard.push(run));
    await journal.append('r1', requested);
    await Promise.resolve();
    expect(heard).toEqual(['r1']);
    expect(lines).toHaveLength(2);
    await journal.close();
  });

  test('lets a listener append', async () => {
    const { journal } = await open();
    const later: Promise<void>[] = [];
    journal.subscribe(() => {
      if (later.length === 0) later.push(journal.append('r1', note('from a listener')));
    });
    await journal.append('r1', requested);
    await Promise.all(later);
    expect(notesOf(journal)).toEqual(['from a listener']);
    await journal.close();
  });

  test('is not changed by what is done to an event afterwards', async () => {
    const { journal } = await open();
    const event = { kind: 'asked' as const, why: 'it is inconclusive', choices: ['resume' as const] };
    for (const before of eventsTo('running')) await journal.append('r1', before);
    await journal.append('r1', event);
    event.why = 'another';
    event.choices.pop();
    expect(journal.state().runs.r1?.asked).toEqual({ why: 'it is inconclusive', choices: ['resume'] });
    await journal.close();
  });

  test('holds no secret', async () => {
    const { journal } = await open();
    await journal.append('r1', requested);
    await journal.append('r1', note('mysql://cinder:hunter2x@db/cinder'));
    expect(notesOf(journal)).toEqual(['mysql://[redacted]@db/cinder']);
    await journal.close();
  });

  test('takes nothing once it is closed, and may be closed twice', async () => {
    const { journal } = await open();
    const last = journal.append('r1', requested);
    await journal.close();
    await last;
    await journal.close();
    await expect(journal.append('r1', note('late'))).rejects.toThrow('the journal is closed');
    expect(Object.keys(journal.state().runs)).toEqual(['r1']);
  });
});
