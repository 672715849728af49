import { expect, it } from 'vitest';
import { tarOf, treeFromTar } from '../../src/kolla/tar.js';
import { type ConfigTree, treeOf } from '../../src/kolla/tree.js';
import { configFile } from '../kolla/trees.js';
import { type Bench, failureOf } from './contract-bench.js';

const FILES = treeOf([
  configFile('config.json', '{"command": "x"}', { mode: 0o640, uid: 1234, gid: 4321 }),
  configFile('sub/deep.conf', 'deep\u0000\n', { mode: 0o600, uid: 7, gid: 8 }),
]);

/** Reading and writing archives: on containers that were never started, through binds and in the container's own layer. */
export const archiveContract = (bench: Bench): void => {
  const keeper = async (folder: string): Promise<string> =>
    bench.create({}, { Binds: [`${folder}:/host-config`] });
  const treeAt = async (id: string, path: string): Promise<ConfigTree> => {
    const tar = await bench.subject.engine.readArchive(id, path);
    if (!tar) throw new Error(`nothing is at ${path}`);
    return treeFromTar(tar);
  };

  it('writes through a bind of a container that was never started, and a later one reads what was written', async () => {
    const { engine, folder } = bench.subject;
    const place = folder();
    const first = await keeper(place);
    await engine.writeArchive(first, '/host-config', await tarOf(FILES));
    expect(await treeAt(first, '/host-config')).toEqual(FILES);
    expect((await bench.inspect(first)).State.Status).toBe('created');
    expect(await treeAt(await keeper(place), '/host-config')).toEqual(FILES);
  });

  it('reads a bind that the container itself may only read, in one that runs, and writes nothing there', async () => {
    const { engine, folder } = bench.subject;
    const place = folder();
    await engine.writeArchive(await keeper(place), '/host-config', await tarOf(FILES));
    const running = await bench.running({}, { Binds: [`${place}/:/var/lib/kolla/config_files/:ro`] });
    expect(await treeAt(running, '/var/lib/kolla/config_files')).toEqual(FILES);
    const refused = await failureOf(
      engine.writeArchive(
        running,
        '/var/lib/kolla/config_files',
        await tarOf({ files: [configFile('more', 'x')] }),
      ),
    );
    expect(refused.message).toMatch(/read-only/);
    expect(await treeAt(running, '/var/lib/kolla/config_files')).toEqual(FILES);
  });

  it('replaces content, owner and mode of a file, and deletes nothing', async () => {
    const { engine, folder } = bench.subject;
    const id = await keeper(folder());
    await engine.writeArchive(id, '/host-config', await tarOf(FILES));
    const changed = configFile('config.json', 'new', { mode: 0o660, uid: 5, gid: 6 });
    await engine.writeArchive(id, '/host-config', await tarOf({ files: [changed] }));
    expect(await treeAt(id, '/host-config')).toEqual(
      treeOf([changed, ...FILES.files.filter(({ path }) => path !== 'config.json')]),
    );
  });

  it('keeps files in the layer of a container that was never started, in folders that are made with them', async () => {
    const { engine } = bench.subject;
    const id = await bench.create();
    await engine.writeArchive(id, '/', await tarOf(FILES, { below: 'var/lib/kolla/config_files/' }));
    expect(await treeAt(id, '/var/lib/kolla/config_files')).toEqual(FILES);
    await engine.start(id);
    expect(await treeAt(id, '/var/lib/kolla/config_files')).toEqual(FILES);
  });

  it('tells a path that is not there from a container that is not there', async () => {
    const { engine } = bench.subject;
    const id = await bench.create();
    expect(await engine.readArchive(id, '/nowhere')).toBeUndefined();
    const gone = await failureOf(engine.readArchive('0'.repeat(64), '/nowhere'));
    expect(gone).toMatchObject({ status: 404, unknown: false });
    const nowhere = await failureOf(engine.writeArchive(id, '/nowhere', await tarOf(FILES)));
    expect(nowhere).toMatchObject({ status: 404, unknown: false });
  });
};
