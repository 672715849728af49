import { describe } from 'vitest';
import { someFaultsOf } from './thinned.js';

describe('containers that the engine alone owns', () => {
  someFaultsOf(['engine', 'ends-early', 'flaps', 'migrated', 'one-way', 'contract'], 4);
});
