import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  goesBy,
  identityOfContainer,
  identityOfImage,
  isSameBuild,
} from '../../src/engine/image-identity.js';
import { ANN, BOB, type Bot, bornOver, configOf, hostsFile } from '../e2e/bot.js';
import { type OwnRegistry, registryMissing, serveRegistry } from '../engine/own-registry.js';
import { finish, type RealDocker, realDocker, removeImages } from '../engine/real-docker.js';
import { must, startOld } from '../engine/swap-by-hand.js';
import { describeUnless } from '../setup/left-out.js';

const found = await realDocker('ident');
const missing = 'leftOut' in found ? found.leftOut : registryMissing();

const TAG = '2025.1';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFESTS = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

describeUnless(missing, 'a build on an engine, whichever digest it shows as the image id', () => {
  const real = found as RealDocker;
  const { docker, engine, name } = real;
  const folder = mkdtempSync(join(tmpdir(), 'stackswap-identity-'));
  let registry: OwnRegistry;
  let repo = '';
  let bot: Bot;

  const running = async () => must(await engine.inspect(name('placement_api')), 'the container');

  const urlOf = (tag: string): string =>
    `http://${registry.address}/v2/${repo.split('/').slice(1).join('/')}/manifests/${tag}`;
  const put = async (tag: string, mediaType: string, body: string): Promise<void> => {
    const headers = { 'content-type': mediaType };
    const answer = await fetch(urlOf(tag), { method: 'PUT', headers, body });
    if (!answer.ok) throw new Error(`the registry says ${answer.status}: ${await answer.text()}`);
  };
  const manifestOf = async (tag: string) => {
    const answer = await fetch(urlOf(tag), { headers: { accept: MANIFESTS } });
    const digest = answer.headers.get('docker-content-digest') ?? '';
    return { mediaType: answer.headers.get('content-type') ?? '', digest, body: await answer.text() };
  };
  const point = async (tag: string, at: string): Promise<void> => {
    const { mediaType, body } = await manifestOf(at);
    await put(tag, mediaType, body);
  };
  /** A list of manifests with one entry, as registries have them of images for several machines. */
  const pointByIndex = async (tag: string, at: string): Promise<void> => {
    const { body, ...named } = await manifestOf(at);
    const platform = { architecture: process.arch === 'x64' ? 'amd64' : process.arch, os: 'linux' };
    const manifests = [{ ...named, size: Buffer.byteLength(body), platform }];
    await put(tag, INDEX, JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }));
  };
  /** Builds an image that only the registry has under the repository's name. */
  const publish = async (tag: string): Promise<void> => {
    const built = await real.image(tag, [`ENV BUILD=${tag}`, 'CMD ["sleep", "600"]', 'STOPSIGNAL SIGKILL']);
    await docker.getImage(built).tag({ repo, tag });
    const authconfig = { username: 'any', password: 'any' };
    await finish(docker, await docker.getImage(`${repo}:${tag}`).push({ authconfig }));
    await docker.getImage(`${repo}:${tag}`).remove();
  };
  const pulled = async (): Promise<void> =>
    finish(docker, await docker.createImage({ fromImage: repo, tag: TAG }));

  beforeAll(async () => {
    registry = await serveRegistry(folder);
    repo = `${registry.address}/${real.prefix}/placement-api`;
    await publish('one');
    await publish('two');
    const hosts = [{ name: 'control01', engine: `unix://${real.socketPath}`, container_prefix: name('') }];
    bot = await bornOver({ config: configOf(hostsFile({ hosts })), state: join(folder, 'state') });
  }, 60_000);
  afterAll(async () => {
    await bot?.app.close();
    await real.cleanUp();
    await removeImages(docker, repo);
    registry.close();
    rmSync(folder, { recursive: true });
  }, 60_000);

  it('is the one that the registry named and that a container of it runs, be it pulled by index or not', async () => {
    await point('plain', 'one');
    await pointByIndex('listed', 'one');
    const other = must(await engine.image(`${real.prefix}/two`), 'the other image');
    const digests = new Set<string>();
    for (const tag of ['plain', 'listed']) {
      const { digest } = await engine.resolve(`${repo}:${tag}`);
      const image = await engine.pull(`${repo}:${tag}`, digest);
      const id = await engine.create(name(`of-${tag}`), {
        body: { Image: `${repo}:${tag}`, HostConfig: { NetworkMode: 'none' } },
        connect: [],
      });
      const container = must(await engine.inspect(id), 'the container');
      digests.add(digest);
      expect(goesBy(identityOfImage(image), digest)).toBe(true);
      expect(isSameBuild(identityOfContainer(container), identityOfImage(image))).toBe(true);
      expect(isSameBuild(identityOfContainer(container), identityOfImage(other))).toBe(false);
      await engine.remove(id);
    }
    expect(digests.size).toBe(2);
    await removeImages(docker, repo);
  });

  it('may be pulled ahead under the tag of the running one, and the approved plan still holds', async () => {
    await point(TAG, 'one');
    await pulled();
    const oldId = await startOld(docker, {
      name: name('placement_api'),
      Image: `${repo}:${TAG}`,
      HostConfig: { NetworkMode: 'none', RestartPolicy: { Name: 'unless-stopped' } },
    });
    await point(TAG, 'two');
    const { id } = await bot.app.upgrade(ANN, { service: 'placement', to: TAG, overrides: {} });
    const { digest } = await engine.resolve(`${repo}:${TAG}`);
    await engine.pull(`${repo}:${TAG}`, digest);
    await bot.app.approve(BOB, id);
    const run = await bot.app.settled(id);
    expect([run.phase, run.why, run.compared.flatMap(({ differences }) => differences)]).toEqual([
      'upgraded',
      undefined,
      [],
    ]);
    expect((await running()).Config.Env).toContain('BUILD=two');
    await bot.app.rollback(BOB, id);
    expect((await bot.app.settled(id)).phase).toBe('rolled-back');
    expect((await running()).Id).toBe(oldId);
    await bot.app.unhold(BOB, 'placement');
  });

  it('that runs already is not swapped for itself, and another one under its tag is', async () => {
    const swaps = async (): Promise<number> => {
      const { steps } = await bot.app.plan(ANN, { service: 'placement', to: TAG, overrides: {} });
      return steps.filter(({ kind }) => kind === 'swap').length;
    };
    expect(await swaps()).toBe(1);
    await point(TAG, 'one');
    await removeImages(docker, `${repo}:${TAG}`);
    await expect(swaps()).rejects.toMatchObject({ code: 'nothing-to-do' });
  });
});
