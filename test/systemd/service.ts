import type { RealDocker } from '../engine/real-docker.js';

/** How a program takes SIGTERM: it ends after `seconds` with that code. As process 1 it has to catch it itself. */
export type Ending = { readonly code?: number; readonly seconds?: number };

/** A program that runs until SIGTERM; the wait is its own child, so that the signal is taken at once. */
const program = ({ code = 0, seconds = 0 }: Ending): string =>
  `trap 'sleep ${seconds}; exit ${code}' TERM; while :; do sleep 600 & wait $!; done`;

export const serviceImage = (real: RealDocker, word: string, ending: Ending = {}): Promise<string> =>
  real.image(word, [`CMD ${JSON.stringify(['sh', '-c', program(ending)])}`]);

/** As kolla-ansible creates one: no restart policy, the environment that its module sets; not started. */
export const createService = async (
  real: RealDocker,
  { name, image }: { readonly name: string; readonly image: string },
): Promise<string> => {
  const { id } = await real.docker.createContainer({
    name,
    Image: image,
    Env: ['KOLLA_CONFIG_STRATEGY=COPY_ALWAYS', 'KOLLA_SERVICE_NAME=test'],
    HostConfig: { NetworkMode: 'none' },
  });
  return id;
};
