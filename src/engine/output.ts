import type { Readable } from 'node:stream';

/** Most bytes of output that are kept of one command or log; of more, the end is kept. */
export const OUTPUT_CAP = 64 * 1024;

/** Reads to the end; a stream that closes before its end was cut and rejects. */
export const readToEnd = (stream: Readable, onChunk: (chunk: Buffer) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    let ended = false;
    stream.on('data', onChunk);
    stream.once('end', () => {
      ended = true;
      resolve();
    });
    stream.once('error', reject);
    stream.once('close', () => {
      if (!ended) reject(new Error('the answer was cut'));
    });
  });

/** Keeps the last `cap` bytes of what is pushed. */
export const tailOf = (cap: number) => {
  let kept = Buffer.alloc(0);
  return {
    push: (piece: Buffer) => {
      kept = Buffer.concat([kept, piece.subarray(-cap)]).subarray(-cap);
    },
    text: () => kept.toString('utf8'),
  };
};

const HEADER = 8;

/**
 * Collects the engine's multiplexed output, stdout and stderr in order of arrival. A frame is one byte of stream
 * number, three of padding and the length, big endian (Engine API, "Stream format"). With a terminal there are no frames.
 */
export const collectOutput = (tty: boolean, cap = OUTPUT_CAP) => {
  const tail = tailOf(cap);
  let header: Buffer = Buffer.alloc(0);
  let left = 0;
  const take = (chunk: Buffer): Buffer => {
    if (left > 0) {
      tail.push(chunk.subarray(0, left));
      const rest = chunk.subarray(left);
      left -= chunk.length - rest.length;
      return rest;
    }
    const missing = HEADER - header.length;
    header = Buffer.concat([header, chunk.subarray(0, missing)]);
    if (header.length === HEADER) {
      left = header.readUInt32BE(4);
      header = Buffer.alloc(0);
    }
    return chunk.subarray(missing);
  };
  const push = (chunk: Buffer) => {
    if (tty) return tail.push(chunk);
    for (let rest = chunk; rest.length > 0; ) rest = take(rest);
  };
  return { push, text: tail.text };
};
