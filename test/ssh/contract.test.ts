import { reachHost } from '../../src/engine/hosts.js';
import { engineContract } from '../engine/contract.js';
import { dockerSubject } from '../engine/docker-subject.js';
import { realDocker } from '../engine/real-docker.js';
import { describeUnless } from '../setup/left-out.js';
import { hostFor } from './reached.js';
import { sshMissing, startSshd } from './sshd.js';

const real = await realDocker('contract-ssh');
const missing = sshMissing() ?? ('leftOut' in real ? real.leftOut : undefined);

if (missing !== undefined || 'leftOut' in real)
  describeUnless(missing, 'the engine port’s contract: a real Docker Engine over SSH', () => undefined);
else
  engineContract('a real Docker Engine over SSH', async () => {
    const sshd = await startSshd();
    const host = reachHost(hostFor(sshd, { socket: real.socketPath }));
    const subject = await dockerSubject({ ...real, engine: host.engine });
    return {
      ...subject,
      close: async () => {
        await subject.close();
        await host.close();
        await sshd.remove();
      },
    };
  });
