import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RealDocker, realDocker } from '../engine/real-docker.js';
import { describeUnless } from '../setup/left-out.js';
import { buildTwo } from './bench.js';
import { ANN, bornOver, configOf, hostsFile, upgrade } from './bot.js';
import { type Certificates, certificatesIn, tlsFront } from './tls-front.js';

const found = await realDocker('tls');

const opensslMissing = (): string | undefined => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'pipe' });
    return undefined;
  } catch {
    return 'there is no openssl';
  }
};

describeUnless('leftOut' in found ? found.leftOut : opensslMissing(), 'a host that is reached by TLS', () => {
  const real = found as RealDocker;
  const { docker, name } = real;
  const folder = mkdtempSync(join(tmpdir(), 'stackswap-e2e-'));
  const ours = certificatesIn(folder, 'ours');
  const theirs = certificatesIn(folder, 'theirs');
  let front: Awaited<ReturnType<typeof tlsFront>>;

  const botWith = (tls: Certificates, state: string) => {
    const host = { name: 'control01', engine: `tcp://127.0.0.1:${front.port}`, container_prefix: name('') };
    return bornOver({
      config: configOf(hostsFile({ hosts: [{ ...host, tls }] })),
      state: join(folder, state),
    });
  };

  beforeAll(async () => {
    const { old } = await buildTwo(real);
    front = await tlsFront(real.socketPath, ours);
    const container = await docker.createContainer({ name: name('cinder_api'), Image: old });
    await container.start();
  });
  afterAll(async () => {
    await real.cleanUp();
    rmSync(folder, { recursive: true });
    await front.close();
  });

  test('is looked at, planned for and upgraded as any other', { timeout: 60_000 }, async () => {
    const { app } = await botWith(ours, 'ours');
    const [status] = await app.status(ANN, 'cinder');
    expect(status?.unreachable).toEqual([]);
    expect(status?.containers).toMatchObject([{ name: name('cinder_api'), state: 'running' }]);
    const plan = await app.plan(ANN, { service: 'cinder', to: '2025.1-b', overrides: {} });
    expect(plan.findings.filter(({ level }) => level === 'block')).toEqual([]);
    expect(plan.steps).toMatchObject([
      { kind: 'swap', old: { host: 'control01', name: name('cinder_api') } },
    ]);
    const run = await upgrade(app, { service: 'cinder', to: '2025.1-b' });
    expect([run.phase, run.why]).toEqual(['upgraded', undefined]);
    await app.close();
  });

  test('is not reached by one whom it does not know, and no plan is made then', async () => {
    const { app } = await botWith({ ...theirs, ca: ours.ca }, 'theirs');
    const [status] = await app.status(ANN, 'cinder');
    expect(status?.containers).toEqual([]);
    expect(status?.unreachable).toMatchObject([{ host: 'control01' }]);
    await expect(app.plan(ANN, { service: 'cinder', to: '2025.1-b', overrides: {} })).rejects.toMatchObject({
      code: 'engine-unreachable',
      why: expect.stringContaining('control01'),
    });
    await app.close();
  });

  test('is not believed when it shows a certificate that the hosts file does not trust', async () => {
    const { app } = await botWith({ ...ours, ca: theirs.ca }, 'strange');
    const [status] = await app.status(ANN, 'cinder');
    expect(status?.unreachable).toMatchObject([
      { host: 'control01', why: expect.stringMatching(/certificate/i) },
    ]);
    await app.close();
  });
});
