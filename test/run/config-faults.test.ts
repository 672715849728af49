import { describe } from 'vitest';
import { someFaultsOf } from './thinned.js';

describe('containers whose configuration is exchanged, too', () => {
  someFaultsOf(['engine+config', 'unit-long+config', 'unit-short+config', 'rename-first+config'], 4);
});
