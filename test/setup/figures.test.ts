import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { keepFigures } from './figures.js';

const emptyFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'stackswap-figures-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
};

const BEGAN = Date.UTC(2026, 10, 22, 10);
const ROW = { what: 'power cuts', tried: 3, struck: 3, lost: 0 };

test('figures of a torture that lost nothing are kept with commit and time', () => {
  const folder = emptyFolder();
  const figures = { commit: '0123456789ab+', began: BEGAN, report: { rows: [ROW], lost: [] } };
  expect(keepFigures('torture.json', figures, folder)).toBe(true);
  expect(JSON.parse(readFileSync(join(folder, 'torture.json'), 'utf8'))).toEqual({
    commit: '0123456789ab+',
    at: '2026-11-22T10:00:00.000Z',
    minutes: expect.any(Number),
    rows: [ROW],
    lost: [],
  });
});

test.each([
  { why: 'lost something', report: { rows: [ROW], lost: ['an acknowledged event is gone'] } },
  { why: 'tried nothing', report: { rows: [], lost: [] } },
])('figures of a torture that $why are not written', ({ report }) => {
  const folder = emptyFolder();
  expect(keepFigures('torture.json', { commit: '0123456789ab', began: BEGAN, report }, folder)).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
});
