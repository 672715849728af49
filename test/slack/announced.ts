import { type AnnounceOptions, announcer } from '../../src/slack/announce.js';
import { drawingChoice } from '../../src/slack/drawing.js';
import { directClient } from '../doubles/direct-client.js';
import type { StrictSlack } from '../doubles/strict-slack.js';
import { fakeApp, keptLog } from './fake-app.js';

/** A fake app whose runs are told of in a Slack without timers of its own. */
export const announced = (
  slack: StrictSlack,
  options: Partial<Pick<AnnounceOptions, 'clock' | 'pace' | 'own'>> = {},
) => {
  const fake = fakeApp();
  const { log, lines } = keptLog();
  const messages = announcer({
    app: fake.app,
    client: directClient(slack.fetch),
    log,
    redact: (text) => text,
    drawing: drawingChoice('rich'),
    ...options,
  });
  return { ...fake, messages, lines };
};
