import { describe } from 'vitest';
import { someFaultsOf } from './thinned.js';

describe('APIs behind load balancers on two hosts', () => {
  someFaultsOf(['drained', 'drained+unit'], 4);
});
