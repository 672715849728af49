import { expect, test } from 'vitest';
import { revisionIn } from '../../src/steps/revision.js';

test.each([
  ['9c74c1c6971f\n', '9c74c1c6971f'],
  ['a082b8bb98d0 (head)\n', 'a082b8bb98d0'],
  ['INFO copying /etc/x\n2024_1_contract01\n', '2024_1_contract01'],
  ['79', '79'],
])('a revision alone on its line is read: %j', (output, revision) => {
  expect(revisionIn(output)).toBe(revision);
});

test.each([
  ["Traceback (most recent call last):\nAttributeError: 'NoneType' object has no attribute 'getcurrent'\n"],
  ['Done'],
  [''],
  ['2026-11-22 13:14:56.146 13 INFO alembic.runtime.migration [-] Context impl MySQLImpl.'],
])('what is no revision is unknown, whatever the exit code was: %j', (output) => {
  expect(revisionIn(output)).toBeNull();
});
