import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

const BLOCK = 512;
const ENDING = Buffer.alloc(2 * BLOCK);

/** A file of an archive: its text, or the file of this machine whose bytes it takes. */
export type TarEntry = {
  /** Without a leading slash; at most 100 bytes, which the demo's paths never pass. */
  readonly path: string;
  readonly mode: number;
  readonly text?: string;
  readonly from?: string;
};

const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;

/** POSIX's ustar header: the checksum is taken with its own field filled with blanks. */
const headerOf = (entry: TarEntry, size: number): Buffer => {
  if (Buffer.byteLength(entry.path) > 100)
    throw new Error(`the path ${entry.path} is too long for a plain tar header`);
  const header = Buffer.alloc(BLOCK);
  header.write(entry.path, 0);
  header.write(octal(entry.mode, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(0, 12), 136);
  header.write(' '.repeat(8), 148);
  header.write(entry.path.endsWith('/') ? '5' : '0', 156);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
};

const padding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);

/** A tar archive as a stream of its pieces; a path that ends with a slash is a folder. */
export async function* tarOf(entries: readonly TarEntry[]): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    if (entry.from === undefined) {
      const bytes = Buffer.from(entry.text ?? '');
      yield headerOf(entry, bytes.length);
      yield bytes;
      yield padding(bytes.length);
    } else {
      const { size } = await stat(entry.from);
      yield headerOf(entry, size);
      for await (const chunk of createReadStream(entry.from)) yield chunk as Buffer;
      yield padding(size);
    }
  }
  yield ENDING;
}
