import { linkSync, renameSync, symlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

/** One request of the bot. Every connection of it carries one, so a connection is judged by its first line. */
export type Exchange = {
  /** Method and path, without the API's version: `POST /containers/…`. */
  readonly line: string;
  /** Carries bytes both ways, as if there were no wire; what the client drops is dropped at the engine. */
  pass(): void;
  /** As `pass`; resolves once the request was handed to the engine. */
  passOn(): Promise<void>;
  /** Has the engine do it, whatever becomes of the client; the engine's whole answer. */
  carryOut(): Promise<Buffer>;
  /** Sends bytes to the client and ends the connection. */
  answer(bytes: Buffer): void;
  hangUp(): void;
};

export type Handler = (exchange: Exchange) => void | Promise<void>;

export type Wire = {
  readonly socketPath: string;
  /** From now on every request goes through `handler`; without one all pass. */
  handle(handler: Handler | undefined): void;
  /** Nobody listens any more: the next connection is refused by the kernel. Open ones live on. */
  refuse(): void;
  listen(): void;
  close(): Promise<void>;
};

export type WireOptions = {
  /** Socket of the engine. */
  readonly engine: string;
  readonly folder: string;
  /** Changes the first line of what reaches the engine. */
  readonly rewrite?: (line: string) => string;
};

const listenAt = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });

/** A socket file behind which nobody listens: connecting to it is refused. */
const deadSocket = async (path: string): Promise<void> => {
  const server = createServer();
  await listenAt(server, `${path}.made`);
  linkSync(`${path}.made`, path);
  await new Promise((resolve) => server.close(resolve));
};

const exchangeOf = (client: Socket, first: Buffer, { engine, rewrite }: WireOptions): Exchange => {
  const text = first.toString('latin1');
  const whole = text.split(' HTTP/')[0] ?? '';
  const [version = ' /'] = / \/v[\d.]+\//.exec(whole) ?? [];
  const line = whole.replace(version, ' /');
  const sent = rewrite
    ? Buffer.from(rewrite(line).replace(' /', version) + text.slice(whole.length), 'latin1')
    : first;
  const dial = (sentAll?: () => void): Socket => {
    const behind = connect(engine);
    behind.on('error', () => client.destroy());
    behind.write(sent, sentAll);
    return behind;
  };
  const pass = (sentAll?: () => void): void => {
    const behind = dial(sentAll);
    client.on('close', () => behind.destroy());
    client.pipe(behind);
    behind.pipe(client);
  };
  return {
    line,
    pass: () => pass(),
    passOn: () => new Promise((resolve) => pass(resolve)),
    carryOut: () =>
      new Promise((resolve) => {
        const behind = dial();
        const parts: Buffer[] = [];
        client.pipe(behind, { end: false });
        behind.on('data', (part: Buffer) => parts.push(part));
        behind.on('close', () => resolve(Buffer.concat(parts)));
        behind.on('end', () => behind.destroy());
      }),
    answer: (bytes) => client.end(bytes, () => client.destroy()),
    hangUp: () => client.destroy(),
  };
};

/** A unix socket in front of an engine's, at which a test decides what becomes of each request. */
export const openWire = async (options: WireOptions): Promise<Wire> => {
  const place = (name: string) => join(options.folder, name);
  const open = new Set<Socket>();
  let handler: Handler | undefined;
  const pointTo = (name: string) => {
    symlinkSync(place(name), place('wire.next'));
    renameSync(place('wire.next'), place('wire.sock'));
  };
  const server = createServer((client) => {
    open.add(client);
    client.on('close', () => open.delete(client));
    client.on('error', () => client.destroy());
    client.once('data', (first: Buffer) => {
      client.pause();
      const exchange = exchangeOf(client, first, options);
      if (handler) void handler(exchange);
      else exchange.pass();
    });
  });
  await deadSocket(place('dead.sock'));
  await listenAt(server, place('live.sock'));
  pointTo('live.sock');
  return {
    socketPath: place('wire.sock'),
    handle: (next) => {
      handler = next;
    },
    refuse: () => pointTo('dead.sock'),
    listen: () => pointTo('live.sock'),
    close: async () => {
      for (const client of open) client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
