import { describe, expect, test } from 'vitest';
import { createLog } from '../src/log.js';
import { MASK, redactor } from '../src/redact.js';

const PW = 'hUnter2Zq9vKx';

/** A log that keeps its lines as the objects that they hold. */
const kept = (level: 'debug' | 'info' = 'debug') => {
  const lines: Record<string, unknown>[] = [];
  const redact = redactor();
  redact.learn([PW]);
  const destination = { write: (line: string) => lines.push(JSON.parse(line)) };
  return { log: createLog({ level, redact, destination }), lines };
};

describe('the log', () => {
  test('writes one JSON object a line, with the level by name and the time in UTC', () => {
    const { log, lines } = kept();
    log.info({ host: 'control1' }, 'connected');
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        host: 'control1',
        msg: 'connected',
      },
    ]);
  });

  test('leaves out what lies below its level', () => {
    const { log, lines } = kept('info');
    log.debug('chatter');
    expect(lines).toEqual([]);
  });

  test('holds no secret: not in the message, a field, a list, an error, its cause or a child’s binding', () => {
    const { log, lines } = kept();
    const error = new Error(`cannot reach mysql://cinder:${PW}@db`, { cause: new Error(`bad ${PW}`) });
    log.info(`saw ${PW}`);
    log.info({ deep: [{ text: `"${PW}"` }], password: 'short' }, 'field');
    log.error(error);
    log.error({ err: error }, 'failed');
    log.child({ note: PW }).info('child');
    expect(lines).toHaveLength(5);
    expect(JSON.stringify(lines)).not.toContain(PW);
    expect(JSON.stringify(lines)).not.toContain('short');
    expect(lines[0]).toMatchObject({ msg: `saw ${MASK}` });
    expect(lines[3]).toMatchObject({ err: { type: 'Error', stack: expect.stringContaining('log.test') } });
  });
});
