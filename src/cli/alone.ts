import type { Logger } from 'pino';
import type { App } from '../app.js';
import type { Command } from '../command.js';
import { serveControl } from './control.js';
import { MOVING } from './follow.js';
import { type Request, runSession } from './session.js';
import type { Redact } from './spoken.js';

export type Alone = {
  readonly app: App;
  readonly commands: readonly Command[];
  /** The state folder. */
  readonly folder: string;
  readonly redact: Redact;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly request: Request;
  readonly say: (text: string) => void;
  /** Calls its listener at each Ctrl-C. */
  readonly onInterrupt: (listener: () => void) => void;
};

/** Runs that changed while this process was at it: those it may be working on. */
const watchTouched = (app: App): Set<string> => {
  const touched = new Set<string>();
  app.subscribe((run) => {
    if (run !== undefined) touched.add(run);
  });
  return touched;
};

/** A set that grows while it is walked is walked to its new end. */
const settleAll = async (app: App, touched: ReadonlySet<string>): Promise<void> => {
  for (const run of touched) await app.settled(run);
};

const GOES_ON =
  'No bot runs here, so this process does the work itself: it goes on until the run ends or asks. Ctrl-C again cuts it off in the middle; "resume" or "rollback" then go on from the journal.';

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

/**
 * One command line where no bot runs: this process opens the state, works, and serves other people's command lines
 * meanwhile, so that they can approve. It ends when nothing is being done any more. Returns the exit code: 130 where
 * the person left.
 */
export const runAlone = async (alone: Alone): Promise<number> => {
  const { app, commands, folder, redact, log, request, say, onInterrupt } = alone;
  const touched = watchTouched(app);
  const left = new AbortController();
  const cut = new AbortController();
  onInterrupt(() => (left.signal.aborted ? cut.abort() : left.abort()));
  for (const { id } of await app.recover()) touched.add(id);
  const control = await serveControl({ app, commands, folder, redact, log });
  const exit = await runSession({ app, commands, request, say, redact, left: left.signal, alone: true });
  if (left.signal.aborted && [...touched].some((run) => MOVING.includes(app.run(run).phase))) say(GOES_ON);
  await Promise.race([settleAll(app, touched), aborted(cut.signal)]);
  if (cut.signal.aborted) return 130;
  await control.stop();
  await app.close();
  return left.signal.aborted ? 130 : exit;
};
