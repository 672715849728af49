import { randomBytes } from 'node:crypto';
import { redactor } from '../../src/redact.js';
import { type Section, table } from '../report.js';
import { show } from '../spread.js';

const REPEATS = 9;
const BYTES = 2 ** 20;

const LINES = [
  '2026-11-22 10:00:00.123 7 INFO cinder.volume.manager [req-5f0c8a0e-9d5c-4a53-9a3f-2b1c7d1f2a10 admin] Created volume successfully.',
  '2026-11-22 10:00:00.456 7 DEBUG oslo_concurrency.lockutils [-] Lock "cinder-attachment_update" acquired by "update" :: waited 0.000s',
  '2026-11-22 10:00:01.001 7 WARNING keystonemiddleware.auth_token [-] X-Auth-Token: gAAAAABmZ0x2d0p3Q0NhY2hl rejected for 192.0.2.11',
  '2026-11-22 10:00:01.234 7 INFO eventlet.wsgi.server [-] 192.0.2.11 "GET /v3/volumes/detail HTTP/1.1" status: 200 len: 5120 time: 0.0812',
  "2026-11-22 10:00:02.345 7 ERROR oslo_db.sqlalchemy.engines [-] Can't connect: mysql+pymysql://cinder:not-a-real-one@192.0.2.20:3306/cinder",
];

/** A mebibyte of a service's log, every fifth line with something to hide. */
const logText = (): string => {
  let text = '';
  for (let line = 0; text.length < BYTES; line += 1) text += `${LINES[line % LINES.length]}\n`;
  return text;
};

const rateOf = (text: string, secrets: number): readonly number[] => {
  const { learn, redact } = redactor();
  learn(Array.from({ length: secrets }, () => randomBytes(15).toString('base64url')));
  return Array.from({ length: REPEATS }, () => {
    const began = performance.now();
    redact(text);
    return text.length / 1e6 / ((performance.now() - began) / 1_000);
  });
};

export const redactionSection = (): Section => {
  const text = logText();
  rateOf(text, 0);
  return {
    title: '6. Redactor',
    lines: [
      'One MiB of log text, every fifth line with a token or a password in it. Secrets are learned from the containers’ environment.',
      '',
      ...table(
        ['learned secrets', 'runs', 'MB/s'],
        [0, 20, 200].map((secrets) => [String(secrets), String(REPEATS), show(rateOf(text, secrets))]),
      ),
    ],
  };
};
