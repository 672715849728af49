import { FAULTS, type Fault } from './faults.js';
import { openWire } from './wire.js';

export type Rule = {
  readonly fault: Fault;
  /** Of the request's first line, `POST /containers/…`; the first that matches is struck, and no other. */
  readonly request: RegExp;
  /** Only once a request like this was seen. */
  readonly after?: RegExp;
};

export type BadWire = {
  readonly socketPath: string;
  arm(rule: Rule): void;
  /** First lines of the requests that were struck. */
  readonly struck: readonly string[];
  close(): Promise<void>;
};

/** A unix socket in front of an engine's that does to single requests what a bad connection does. */
export const badWire = async (engine: string, folder: string): Promise<BadWire> => {
  const wire = await openWire({ engine, folder });
  const struck: string[] = [];
  let rule: Rule | undefined;
  let due = false;

  const faultFor = (line: string): Fault | undefined => {
    if (!rule) return undefined;
    const strikes = due && rule.request.test(line);
    if (rule.after?.test(line)) due = true;
    if (!strikes) return undefined;
    const { fault } = rule;
    rule = undefined;
    struck.push(line);
    return fault;
  };

  wire.handle((exchange) => {
    const fault = faultFor(exchange.line);
    return fault ? FAULTS[fault](exchange) : exchange.pass();
  });
  return {
    socketPath: wire.socketPath,
    struck,
    arm: (next) => {
      rule = next;
      due = next.after === undefined;
    },
    close: wire.close,
  };
};
