import type { Engine } from '../engine/port.js';
import { secretsOf } from '../kolla/secrets.js';
import { treeFromTar } from '../kolla/tar.js';
import type { Redactor } from '../redact.js';
import { secretsOfEnv } from '../redact-names.js';

/** Of an archive that is no configuration folder nothing is learned: nothing of it is shown either. */
const secretsInTar = (tar: Buffer): Promise<readonly string[]> => treeFromTar(tar).then(secretsOf, () => []);

/** Teaches the redactor every secret that an environment or a configuration shows, before anybody can print it. */
export const learningEngine = (engine: Engine, redactor: Redactor): Engine => ({
  ...engine,
  inspect: async (idOrName) => {
    const container = await engine.inspect(idOrName);
    redactor.learn(secretsOfEnv(container?.Config.Env ?? []));
    return container;
  },
  readArchive: async (id, path) => {
    const tar = await engine.readArchive(id, path);
    if (tar) redactor.learn(await secretsInTar(tar));
    return tar;
  },
});
