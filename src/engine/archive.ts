import { pipeline, Transform } from 'node:stream';
import type Dockerode from 'dockerode';
import type { Calls } from './calls.js';
import { type Engine, EngineError } from './port.js';

/** Most bytes of an archive that is read or written: configuration folders are small, and a wrong path is not. */
export const ARCHIVE_CAP = 32 * 1024 * 1024;

/** An engine says 404 for a container that is not there, too; Docker's and Podman's words for a path tell the two apart. */
const NO_PATH = /could not find the file|could not be found|no such file/i;

type Place = { readonly host: string; readonly call: string };

/** Ends the reading as soon as it is too much, instead of taking in gigabytes first. */
const capped = ({ host, call }: Place, source: NodeJS.ReadableStream): NodeJS.ReadableStream => {
  let bytes = 0;
  const limit = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length;
      if (bytes <= ARCHIVE_CAP) return done(null, chunk);
      done(new EngineError(host, call, `more than ${ARCHIVE_CAP} bytes lie there`, false));
    },
  });
  // An error of either end destroys the other, and reaches who reads `limit`.
  return pipeline(source, limit, () => undefined);
};

/** Docker's archive API (`/containers/{id}/archive`): works on a container that was never started, too. */
export const archives = (
  calls: Calls,
  host: string,
  ms: number,
): Pick<Engine, 'readArchive' | 'writeArchive'> => ({
  readArchive: async (id, path) => {
    const chunks: Buffer[] = [];
    const call = `read ${path}`;
    try {
      await calls.listen({
        call,
        ms,
        send: async (docker: Dockerode) =>
          capped({ host, call }, await docker.getContainer(id).getArchive({ path })),
        onChunk: (chunk) => chunks.push(chunk),
      });
    } catch (error) {
      const missing = error instanceof EngineError && error.status === 404 && NO_PATH.test(error.message);
      if (missing) return undefined;
      throw error;
    }
    return Buffer.concat(chunks);
  },
  writeArchive: async (id, path, tar) => {
    const call = `write ${path}`;
    if (tar.length > ARCHIVE_CAP)
      throw new EngineError(host, call, `${tar.length} bytes are more than ${ARCHIVE_CAP}`, false);
    await calls.ask({
      call,
      ms,
      send: (docker: Dockerode) => docker.getContainer(id).putArchive(tar, { path }),
    });
  },
});
