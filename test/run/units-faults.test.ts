import { describe } from 'vitest';
import { someFaultsOf } from './thinned.js';

describe('containers that systemd owns', () => {
  someFaultsOf(
    ['unit-long', 'unit-short', 'rename-first', 'never-healthy', 'cannot-start', 'migrated+unit'],
    8,
  );
});
