import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { collectOutput, readToEnd } from '../../src/engine/output.js';

const frame = (stream: number, text: string): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};

describe('the output of a container', () => {
  it('is the same however its frames are cut into pieces', () => {
    const whole = Buffer.concat([frame(1, 'one\n'), frame(2, 'two ü\n'), frame(1, ''), frame(1, 'three\n')]);
    for (let size = 1; size <= whole.length; size += 1) {
      const output = collectOutput(false);
      for (let at = 0; at < whole.length; at += size) output.push(whole.subarray(at, at + size));
      expect(output.text()).toBe('one\ntwo ü\nthree\n');
    }
  });

  it('has no frames with a terminal', () => {
    const output = collectOutput(true);
    output.push(Buffer.from('123'));
    expect(output.text()).toBe('123');
  });

  it('keeps its end when there is too much of it', () => {
    const output = collectOutput(false, 10);
    for (const word of ['first ', 'second ', 'a third that is long']) output.push(frame(1, word));
    expect(output.text()).toBe('at is long');
  });

  it('that breaks off is a failure, and one that ends is none', async () => {
    const broken = new PassThrough();
    const reading = readToEnd(broken, () => undefined);
    broken.destroy();
    await expect(reading).rejects.toThrow('cut');
    const whole = new PassThrough();
    const chunks: string[] = [];
    const read = readToEnd(whole, (chunk) => chunks.push(chunk.toString()));
    whole.end('all');
    await read;
    expect(chunks).toEqual(['all']);
  });
});
