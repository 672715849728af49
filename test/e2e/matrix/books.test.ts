import { describe, expect, test } from 'vitest';
import { type Line, unanchored, unended } from './books.js';

const line = (run: string, kind: string, rest: { op?: string; target?: string } = {}): Line => ({
  run,
  event: { kind, ...rest },
});

const stop = { op: 'stop', target: 'keystone' };

describe('what the matrix asks of a journal', () => {
  test('a call needs its end, or the word that the bot died over it', () => {
    const call = line('r1', 'call', stop);
    expect(unended([call, line('r1', 'call-ended', stop)])).toEqual([]);
    expect(unended([call, line('r1', 'interrupted')])).toEqual([]);
    const never = ['the journal never says what became of r1 stop keystone'];
    expect(unended([call])).toEqual(never);
    expect(unended([call, line('r2', 'interrupted')])).toEqual(never);
    expect(unended([call, line('r1', 'call-ended', { ...stop, target: 'nova' })])).toEqual(never);
  });

  test('every end of a run needs the head of the journal, and a bot that died before any run does not', () => {
    expect(unanchored([])).toEqual([]);
    const first = [line('r1', 'upgraded'), line('r1', 'anchored')];
    expect(unanchored(first)).toEqual([]);
    expect(unanchored([...first, line('r1', 'rollback'), line('r1', 'rolled-back')])).toEqual([
      'no head of the journal was written down when r1 was rolled-back',
    ]);
    expect(unanchored([...first, line('r2', 'upgraded')])).toEqual([
      'no head of the journal was written down when r2 was upgraded',
    ]);
    expect(unanchored([line('r1', 'upgraded'), line('r1', 'rollback'), line('r1', 'call', stop)])).toEqual(
      [],
    );
  });
});
