import { expect } from 'vitest';
import type { App } from '../../src/app.js';
import { renderMessage } from '../../src/render/message.js';
import { redacted } from '../../src/render/redacted.js';
import type { Journal } from '../../src/run/journal.js';
import { virtualClock } from '../../src/sim/clock.js';
import type { KollaRelease } from '../../src/sim/kolla-image.js';
import { announcer } from '../../src/slack/announce.js';
import { drawingChoice } from '../../src/slack/drawing.js';
import { promptsOf } from '../../src/slack/prompts.js';
import { slotsOf } from '../../src/slack/slots.js';
import { memoryJournal } from '../../src/store/memory.js';
import { directClient } from '../doubles/direct-client.js';
import { type StrictSlack, strictSlack } from '../doubles/strict-slack.js';
import { ANN, BOB, bornOver, cinderCloud, withoutPorts } from '../run/scene.js';
import { keptLog } from './fake-app.js';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

const START = Date.UTC(2026, 10, 22, 10);
const plainly = (text: string): string => text;

type Wish = {
  /** Without Slack nobody keeps any message. */
  readonly slack?: boolean;
  readonly release?: Partial<KollaRelease>;
  readonly onFailure?: 'ask' | 'roll-back';
};

/** A bot over a simulated cloud and a Slack with its limits, all in virtual time. */
export const botInTime = async ({ slack: connected = true, release = {}, onFailure = 'roll-back' }: Wish) => {
  const clock = virtualClock(START, { turns: 'ticks' });
  const scene = withoutPorts(
    await cinderCloud({
      clock,
      delays: { call: 20, start: 500, stop: 1_000 },
      releases: [{ id: '2025.1' }, { id: '2025.2', readyAfterMs: 8_000, migrationMs: 9_000, ...release }],
      config: {
        health: { interval: '1s', successes: 3, minimum: '5s', deadline: '2m' },
        policy: { on_failure: onFailure },
      },
    }),
  );
  const journal = memoryJournal({ clock: clock.now });
  const { app } = await bornOver(scene, journal);
  const slack = strictSlack({ clock, latencyMs: 150, tiers: true });
  const { log, lines } = keptLog();
  const messages = connected
    ? announcer({
        app,
        client: directClient(slack.fetch),
        log,
        redact: plainly,
        drawing: drawingChoice('rich'),
        clock,
      })
    : undefined;
  return { clock, app, journal, slack, log: lines, messages };
};

export type BotInTime = Awaited<ReturnType<typeof botInTime>>;

/** Asks at once, is approved after a minute, and waits until the run does nothing more. */
export const upgraded = async ({ app, clock }: BotInTime): Promise<string> => {
  const { id } = await app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  await clock.sleep(MINUTE);
  await app.approve(BOB, id);
  await app.settled(id);
  return id;
};

/** What happened to a run and when, whatever Slack did meanwhile: milliseconds since its request. */
export const courseOf = async (journal: Journal, id: string): Promise<readonly string[]> => {
  const events = await journal.eventsOf(id);
  const began = Date.parse(events[0]?.at ?? '');
  return events
    .filter(({ event }) => event.kind !== 'posted')
    .map(({ at, event }) => `${Date.parse(at) - began} ${event.kind}`);
};

const slotOf = (metadata: unknown): string =>
  /"slot":"([^"]+)"/.exec(JSON.stringify(metadata) ?? '')?.[1] ?? 'none';

/** Every message of the run is there once and says what it should now; what else stands there cannot be clicked. */
export const expectRightThread = async (app: App, slack: StrictSlack, id: string): Promise<void> => {
  const run = app.run(id);
  const shown = slack.all().map(({ metadata, text, blocks }) => ({ slot: slotOf(metadata), text, blocks }));
  const wanted = slotsOf(run, promptsOf(await app.eventsOf(id)))
    .filter(({ name, late }) => !late || shown.some(({ slot }) => slot === name))
    .map(({ name, reply }) => {
      const { text, blocks } = renderMessage(redacted(reply(), plainly), 'rich');
      return { slot: name, text, blocks };
    });
  const isWanted = ({ slot }: { slot: string }): boolean => wanted.some((one) => one.slot === slot);
  expect(shown.filter(isWanted)).toEqual(wanted);
  const left = shown.filter((one) => !isWanted(one));
  // The health of the way forward stays as it was when the run goes back, and so does the end that was none.
  expect(left.filter(({ slot }) => slot !== 'health' && slot !== 'result-upgraded')).toEqual([]);
  expect(JSON.stringify(left)).not.toContain('action_id');
};
