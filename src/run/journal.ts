import type { CloudEvent, RunEvent } from './event.js';
import type { State } from './run.js';

/**
 * The port behind which state lives. `append` is durable when it resolves, and throws `Refusal('…')` or an error
 * without having changed anything when it is not; `state` is the fold of all that was appended.
 */
export type Journal = {
  readonly state: () => State;
  /** The newest record, whose hash covers all before it. */
  readonly head: () => { readonly seq: number; readonly hash: string };
  /** Whether the disk is nearly full: what is under way is brought to an end, and nothing new is begun. */
  readonly low: () => boolean;
  /**
   * Why this process may not act on what the journal says any more: another one took it over. `undefined` while it may, and
   * where that cannot be told; the next `append` tells.
   */
  readonly lost: () => string | undefined;
  append(run: string, event: RunEvent): Promise<void>;
  appendCloud(event: CloudEvent): Promise<void>;
  /** Called after each durable append; a listener that throws is logged and ends nothing. */
  subscribe(listener: (run: string | undefined) => void): () => void;
  /** All events of a run, oldest first. */
  eventsOf(run: string): Promise<readonly { at: string; event: RunEvent }[]>;
  close(): Promise<void>;
};
