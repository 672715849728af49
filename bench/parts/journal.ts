import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { redactor } from '../../src/redact.js';
import type { RunEvent } from '../../src/run/event.js';
import { openStore, type Store } from '../../src/store/store.js';
import { inChild } from '../child.js';
import { newBenchIdentity } from '../cloud/identity.js';
import { type Section, table } from '../report.js';
import { show } from '../spread.js';
import { eventsOfOneRun } from './sample-run.js';
import { quietLog } from './simulated.js';

const EVENTS = 100_000;
const WINDOW_MS = 1_000;
const REPEATS = 3;

export type Replayed = {
  readonly seconds: number;
  readonly events: number;
  readonly runs: number;
  readonly megabytes: number;
};

const openAt = (folder: string): Promise<Store> => openStore({ folder, log: quietLog(), redact: redactor() });

/** Writers that wait for each of their events to be durable before the next, run after run; until `more` says no. */
const write = async (
  store: Store,
  { writers, events, more }: { writers: number; events: readonly RunEvent[]; more: () => boolean },
): Promise<readonly number[]> => {
  const waits: number[] = [];
  const one = async (writer: number): Promise<void> => {
    for (let run = 0; ; run += 1)
      for (const event of events) {
        if (!more()) return;
        const began = performance.now();
        await store.append(`r${writer}x${run}`, event);
        waits.push(performance.now() - began);
      }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => one(writer)));
  return waits;
};

type Rate = { readonly perSecond: number; readonly waits: readonly number[] };

const rateOf = async (folder: string, writers: number, events: readonly RunEvent[]): Promise<Rate> => {
  await mkdir(folder, { mode: 0o700 });
  const store = await openAt(folder);
  const began = performance.now();
  const waits = await write(store, { writers, events, more: () => performance.now() - began < WINDOW_MS });
  const perSecond = (waits.length / (performance.now() - began)) * 1_000;
  await store.close();
  return { perSecond, waits };
};

const fill = async (folder: string, events: readonly RunEvent[]): Promise<void> => {
  await mkdir(folder, { mode: 0o700 });
  const store = await openAt(folder);
  let begun = 0;
  await write(store, {
    writers: 32,
    events,
    more: () => {
      begun += 1;
      return begun <= EVENTS;
    },
  });
  await store.close();
};

const megabytesIn = async (folder: string): Promise<number> => {
  const names = (await readdir(folder)).filter((name) => name.startsWith('journal-'));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20;
};

const replay = (folder: string): Promise<Replayed> => inChild<Replayed>('parts/replay-child.ts', [folder]);

const rateRow = (writers: number, rates: readonly Rate[]): readonly string[] => [
  String(writers),
  String(rates.length),
  show(rates.map(({ perSecond }) => Math.round(perSecond))),
  show(rates.flatMap(({ waits }) => waits)),
];

const replayRow = (what: string, opened: readonly Replayed[]): readonly string[] => [
  what,
  String(opened.length),
  show(opened.map(({ seconds }) => Math.round(seconds * 1_000))),
  show(opened.map(({ megabytes }) => Math.round(megabytes))),
];

const measureRates = async (folder: string, events: readonly RunEvent[], goOn: () => void) => {
  const rows: (readonly string[])[] = [];
  for (const writers of [1, 64]) {
    const rates: Rate[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      goOn();
      rates.push(await rateOf(join(folder, `${writers}-${repeat}`), writers, events));
    }
    rows.push(rateRow(writers, rates));
  }
  return rows;
};

const measureReplay = async (full: string, goOn: () => void) => {
  const [whole, anchored]: [Replayed[], Replayed[]] = [[], []];
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    goOn();
    await rm(join(full, 'db.json'));
    whole.push(await replay(full));
    anchored.push(await replay(full));
  }
  return { whole, anchored };
};

export const journalSection = async (goOn: () => void): Promise<Section> => {
  const { folder } = await newBenchIdentity();
  try {
    const events = await eventsOfOneRun();
    const rates = await measureRates(folder, events, goOn);
    const full = join(folder, 'full');
    await fill(full, events);
    const { whole, anchored } = await measureReplay(full, goOn);
    const [first] = whole;
    return {
      title: '4. Journal',
      lines: [
        `The events of a real run (cinder on three simulated hosts, ${events.length} events), again and again. An append counts`,
        'when it is on disk; writers share a sync where they can.',
        '',
        ...table(['writers', 'runs', 'durable appends per second', 'wait of one append, ms'], rates),
        `Opening a journal of ${first?.events.toLocaleString('en')} events (${first?.runs} runs, ${(await megabytesIn(full)).toFixed(0)} MiB); every record is verified:`,
        '',
        ...table(
          ['start', 'runs', 'time, ms', 'RSS, MiB'],
          [replayRow('whole replay, no snapshot', whole), replayRow('with the snapshot', anchored)],
        ),
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
