import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';

/**
 * What happens to one request: its answer ends in the middle of the body; it is carried out and never answered; it is
 * carried out and the connection dies without an answer; the connection dies and nothing is carried out.
 */
export type Fault = 'cut inside the answer' | 'hang' | 'reset afterwards' | 'reset before';

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

const headOf = (answer: Buffer): number => answer.indexOf('\r\n\r\n') + 4;

const spoil = (client: Socket, behind: Socket, fault: Fault): void => {
  const parts: Buffer[] = [];
  behind.on('data', (part: Buffer) => parts.push(part));
  behind.on('end', () => {
    const answer = Buffer.concat(parts);
    const middle = Math.floor((headOf(answer) + answer.length) / 2);
    if (fault === 'cut inside the answer') client.write(answer.subarray(0, middle), () => client.destroy());
    else if (fault === 'reset afterwards') client.destroy();
  });
};

/**
 * A unix socket in front of an engine's that does to single requests what a bad connection does. Every connection of
 * the bot carries one request, so a connection is judged by its first line.
 */
export const badWire = async (engine: string, folder: string): Promise<BadWire> => {
  const socketPath = join(folder, 'wire.sock');
  const struck: string[] = [];
  const open = new Set<Socket>();
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

  const carry = (client: Socket, first: Buffer): void => {
    const fault = faultFor(first.toString('latin1').split(' HTTP/')[0] ?? '');
    if (fault === 'reset before') {
      client.destroy();
      return;
    }
    const behind = connect(engine);
    behind.on('error', () => client.destroy());
    // A struck request is carried out even when the bot has hung up meanwhile.
    if (!fault) client.on('close', () => behind.destroy());
    behind.write(first);
    client.pipe(behind);
    if (fault) spoil(client, behind, fault);
    else behind.pipe(client);
  };

  const server = createServer((client) => {
    open.add(client);
    client.on('close', () => open.delete(client));
    client.on('error', () => client.destroy());
    client.once('data', (first: Buffer) => carry(client, first));
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    socketPath,
    struck,
    arm: (next) => {
      rule = next;
      due = next.after === undefined;
    },
    close: async () => {
      for (const client of open) client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
