import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

const OPCODES = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A frame of a WebSocket server (RFC 6455, section 5.2): whole, and not masked. */
const frameOf = (opcode: number, payload: Buffer): Buffer => {
  const { length } = payload;
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, length])
      : Buffer.from([0x80 | opcode, 126, Math.floor(length / 256), length % 256]);
  return Buffer.concat([head, payload]);
};

type Frame = { readonly opcode: number; readonly payload: Buffer };

/** The frames of a client, which masks them, and what is left of the bytes; none of ours is longer than 64 KiB. */
const framesIn = (bytes: Buffer): { readonly frames: readonly Frame[]; readonly rest: Buffer } => {
  const frames: Frame[] = [];
  let rest = bytes;
  for (;;) {
    const short = (rest[1] ?? 0) & 0x7f;
    const at = short === 126 ? 4 : 2;
    if (rest.length < at + 4) return { frames, rest };
    const length = short === 126 ? rest.readUInt16BE(2) : short;
    const mask = rest.subarray(at, at + 4);
    const end = at + 4 + length;
    if (rest.length < end) return { frames, rest };
    const payload = Buffer.from(rest.subarray(at + 4, end).map((byte, n) => byte ^ (mask[n % 4] ?? 0)));
    frames.push({ opcode: (rest[0] ?? 0) & 0x0f, payload });
    rest = rest.subarray(end);
  }
};

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Slack's side of Socket Mode: takes connections, greets or not, sends whatever it is told, keeps what comes back. */
export const socketServer = async () => {
  const sockets = new Set<Duplex>();
  const received: string[] = [];
  let connections = 0;
  let greet: (send: (text: string) => void) => void = (send) => send(JSON.stringify({ type: 'hello' }));

  const server = createServer((_request, response) => response.writeHead(404).end());
  server.on('upgrade', (request, socket: Duplex) => {
    connections += 1;
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}${MAGIC}`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => sockets.delete(socket));
    let left = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      const { frames, rest } = framesIn(Buffer.concat([left, bytes]));
      left = Buffer.from(rest);
      for (const { opcode, payload } of frames) {
        if (opcode === OPCODES.text) received.push(payload.toString());
        if (opcode === OPCODES.ping) socket.write(frameOf(OPCODES.pong, payload));
        if (opcode === OPCODES.close) socket.end(frameOf(OPCODES.close, payload));
      }
    });
    greet((text) => socket.write(frameOf(OPCODES.text, Buffer.from(text))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const toAll = (opcode: number, payload: Buffer): void => {
    for (const socket of sockets) socket.write(frameOf(opcode, payload));
  };
  return {
    url: `ws://127.0.0.1:${port}/link`,
    /** Texts that came from the bot. */
    received: received as readonly string[],
    open: (): number => sockets.size,
    connections: (): number => connections,
    send: (text: string): void => toAll(OPCODES.text, Buffer.from(text)),
    sendBinary: (bytes: Buffer): void => toAll(OPCODES.binary, bytes),
    /** How a new connection is greeted from now on. */
    greetWith: (next: typeof greet): void => {
      greet = next;
    },
    /** Cuts every connection without a word. */
    cut: (): void => {
      for (const socket of sockets) socket.destroy();
    },
    close: (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
};

export type SocketServer = Awaited<ReturnType<typeof socketServer>>;
