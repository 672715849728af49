import type Dockerode from 'dockerode';
import type { Calls } from './calls.js';
import type { Engine } from './port.js';
import { EngineError } from './port.js';

/** Docker's archive API (`/containers/{id}/archive`): works on a container that was never started, too. */
export const archives = (calls: Calls, ms: number): Pick<Engine, 'readArchive' | 'writeArchive'> => ({
  readArchive: async (id, path) => {
    const chunks: Buffer[] = [];
    try {
      await calls.listen({
        call: `read ${path}`,
        ms,
        send: (docker: Dockerode) => docker.getContainer(id).getArchive({ path }),
        onChunk: (chunk) => chunks.push(chunk),
      });
    } catch (error) {
      if (error instanceof EngineError && error.status === 404) return undefined;
      throw error;
    }
    return Buffer.concat(chunks);
  },
  writeArchive: async (id, path, tar) => {
    await calls.ask({
      call: `write ${path}`,
      ms,
      send: (docker: Dockerode) => docker.getContainer(id).putArchive(tar, { path }),
    });
  },
});
