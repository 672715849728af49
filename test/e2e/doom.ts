import type { RunEvent } from '../../src/run/event.js';

/** What a bot does in a process of its own, and the event whose record ends it. */
export type Doom = {
  readonly config: string;
  readonly state: string;
  readonly does:
    | { readonly verb: 'upgrade'; readonly service: string; readonly to: string }
    | { readonly verb: 'rollback' | 'finalize'; readonly run: string };
  readonly at: {
    readonly kind: RunEvent['kind'];
    readonly op?: string;
    /** Regular expression that the target of the call matches. */
    readonly target?: string;
  };
  /** Milliseconds that it lives on after the record is durable; 0: not one instruction. */
  readonly afterMs: number;
};

export const isDeadly = (event: RunEvent, { kind, op, target }: Doom['at']): boolean =>
  event.kind === kind &&
  (op === undefined || ('op' in event && event.op === op)) &&
  (target === undefined || ('target' in event && new RegExp(target).test(event.target)));
