import { hash } from 'node:crypto';
import type { ContainerInspect, ImageInspect } from '../engine/inspect.js';
import type { Engine } from '../engine/port.js';
import { secretsOf } from '../kolla/secrets.js';
import { treeFromTar } from '../kolla/tar.js';
import type { Redactor } from '../redact.js';
import { secretsOfInspect } from '../redact-config.js';

/** Of an archive that is no configuration folder nothing is learned: nothing of it is shown either. */
const secretsInTar = (tar: Buffer): Promise<readonly string[]> => treeFromTar(tar).then(secretsOf, () => []);

/**
 * So many containers and images are remembered as known, by id, name and variables, and archives by their bytes; beyond
 * that they are read through again. Whatever can hold a secret of a container is given at the create and never changes:
 * an update changes limits and the restart policy only.
 */
const REMEMBERED = 10_000;

/** What each redactor knows already, whichever engine it learned that from. */
const knownBy = new WeakMap<Redactor, Set<string>>();

/** An image's id may stand for several platforms, and other names hide other words. */
const markOf = (inspect: ContainerInspect | ImageInspect): string =>
  JSON.stringify([inspect.Id, 'Name' in inspect ? inspect.Name : inspect.RepoTags, inspect.Config?.Env]);

const learner = (redactor: Redactor) => {
  const known = knownBy.get(redactor) ?? new Set<string>();
  knownBy.set(redactor, known);
  const remember = (mark: string): void => {
    if (known.size >= REMEMBERED) known.clear();
    known.add(mark);
  };
  return {
    inspect: <T extends ContainerInspect | ImageInspect>(inspect: T): T => {
      const mark = markOf(inspect);
      if (known.has(mark)) return inspect;
      const { State: _moves, ...lasting } = inspect;
      redactor.learn(secretsOfInspect(lasting));
      remember(mark);
      return inspect;
    },
    archive: async (tar: Buffer): Promise<Buffer> => {
      const mark = hash('sha256', tar);
      if (known.has(mark)) return tar;
      redactor.learn(await secretsInTar(tar));
      remember(mark);
      return tar;
    },
  };
};

/** Teaches the redactor every secret that a container, an image or a configuration shows, before anybody can print it. */
export const learningEngine = (engine: Engine, redactor: Redactor): Engine => {
  const learn = learner(redactor);
  return {
    ...engine,
    inspect: async (idOrName) => {
      const container = await engine.inspect(idOrName);
      return container && learn.inspect(container);
    },
    image: async (ref) => {
      const image = await engine.image(ref);
      return image && learn.inspect(image);
    },
    pull: async (ref, digest) => learn.inspect(await engine.pull(ref, digest)),
    readArchive: async (id, path) => {
      const tar = await engine.readArchive(id, path);
      return tar && learn.archive(tar);
    },
  };
};
