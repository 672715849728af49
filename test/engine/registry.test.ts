import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dockerEngine } from '../../src/engine/docker.js';
import type { Engine } from '../../src/engine/port.js';
import { describeUnless } from '../setup/left-out.js';
import { failureOf } from './fake-engine.js';
import { type OwnRegistry, registryMissing, serveRegistry } from './own-registry.js';
import { finish, type RealDocker, realDocker, removeImages } from './real-docker.js';

const found = await realDocker('registry');

const missing = 'leftOut' in found ? found.leftOut : registryMissing();

const USER = 'robot';
const PASSWORD = 'open sesame';
/** bcrypt of the password above. */
const HTPASSWD = `${USER}:$2b$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n`;

describeUnless(missing, 'an image of a real registry', () => {
  const real = found as RealDocker;
  const folder = mkdtempSync(join(tmpdir(), 'stackswap-registry-'));
  let registry: OwnRegistry;
  let repo = '';

  const engineAs = (word: string, password: string | undefined): Engine => {
    const config = mkdtempSync(join(folder, `${word}-`));
    const auth = Buffer.from(`${USER}:${password ?? ''}`).toString('base64');
    const auths = password === undefined ? {} : { [repo.split('/')[0] ?? '']: { auth } };
    writeFileSync(join(config, 'config.json'), JSON.stringify({ auths }));
    return dockerEngine({
      host: 'here',
      address: { socketPath: real.socketPath },
      env: { DOCKER_CONFIG: config },
    });
  };

  const push = async (source: string, tag: string) => {
    await real.docker.getImage(source).tag({ repo, tag });
    const authconfig = { username: USER, password: PASSWORD, serveraddress: repo.split('/')[0] ?? '' };
    await finish(real.docker, await real.docker.getImage(`${repo}:${tag}`).push({ authconfig }));
    await real.docker.getImage(`${repo}:${tag}`).remove();
  };

  beforeAll(async () => {
    writeFileSync(join(folder, 'htpasswd'), HTPASSWD);
    registry = await serveRegistry(folder, { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } });
    repo = `${registry.address}/${real.prefix}/app`;
    await push(await real.image('one', ['ENV V=1']), 'v');
  }, 60_000);
  afterAll(async () => {
    await removeImages(real.docker, repo);
    await real.cleanUp();
    registry.close();
    rmSync(folder, { recursive: true });
  }, 60_000);

  it('is pulled by the digest that was resolved, even after its tag moved, and gets the tag', async () => {
    const engine = engineAs('good', PASSWORD);
    const { digest } = await engine.resolve(`${repo}:v`);
    await push(await real.image('two', ['ENV V=2']), 'v');
    expect((await engine.resolve(`${repo}:v`)).digest).not.toBe(digest);
    const image = await engine.pull(`${repo}:v`, digest);
    expect(image.Config?.Env).toContain('V=1');
    expect(image.RepoTags).toContain(`${repo}:v`);
    expect(image.RepoDigests).toContain(`${repo}@${digest}`);
    expect((await engine.pull(`${repo}:v`)).Config?.Env).toContain('V=2');
  });

  it('that does not exist is a clear failure', async () => {
    const engine = engineAs('missing', PASSWORD);
    expect((await failureOf(engine.pull(`${repo}:nothing`))).message).toMatch(
      /nothing.*(not found|manifest unknown)/s,
    );
    expect((await failureOf(engine.resolve(`${repo}:nothing`))).message).toMatch(
      /manifest unknown|not found/,
    );
    expect((await failureOf(engine.pull(`${repo}:v`, `sha256:${'0'.repeat(64)}`))).message).toMatch(
      /manifest|not found/,
    );
    expect(await engine.image(`${repo}:nothing`)).toBeUndefined();
  });

  it('is not given to a wrong password, or to none', async () => {
    for (const password of ['wrong', undefined]) {
      const engine = engineAs('wrong', password);
      expect((await failureOf(engine.pull(`${repo}:v`))).message).toMatch(
        /unauthorized|no basic auth|denied/i,
      );
      expect((await failureOf(engine.resolve(`${repo}:v`))).message).toMatch(
        /unauthorized|no basic auth|denied/i,
      );
    }
  });
});
