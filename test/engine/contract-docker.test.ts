import { describeUnless } from '../setup/left-out.js';
import { engineContract } from './contract.js';
import { dockerSubject } from './docker-subject.js';
import { realDocker } from './real-docker.js';

const real = await realDocker('contract');

if ('leftOut' in real)
  describeUnless(real.leftOut, 'the engine port’s contract: a real Docker Engine', () => undefined);
else engineContract('a real Docker Engine', () => dockerSubject(real));
