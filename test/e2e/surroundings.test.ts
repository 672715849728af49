import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ContainerInspect } from '../../src/engine/inspect.js';
import { type RealDocker, realDocker } from '../engine/real-docker.js';
import { describeUnless } from '../setup/left-out.js';
import { buildTwo } from './bench.js';
import { ANN, BOB, type Bot, bornOver, configOf, hostsFile, upgrade } from './bot.js';

const found = await realDocker('around');
const LINE = 'written before the upgrade';

describeUnless(
  'leftOut' in found ? found.leftOut : undefined,
  'a cinder_api with two networks, a static address, an anonymous volume and a sidecar',
  () => {
    const real = found as RealDocker;
    const { docker, engine, name } = real;
    const folder = mkdtempSync(join(tmpdir(), 'stackswap-e2e-'));
    let address = '';
    let networks: readonly [front: string, back: string] = ['', ''];
    let oldId = '';
    let bot: Bot;

    const api = async (): Promise<ContainerInspect> => {
      const seen = await engine.inspect(name('cinder_api'));
      if (!seen) throw new Error('there is no cinder_api');
      return seen;
    };
    const inside = async (...command: string[]): Promise<string> =>
      (await engine.exec((await api()).Id, command, 10_000)).output.trim();
    const whoAnswers = async (): Promise<string> =>
      (
        await (await fetch(`http://${address}:8776/healthcheck`, { headers: { connection: 'close' } })).text()
      ).trim();
    const around = async () => {
      const seen = await api();
      const ends = seen.NetworkSettings.Networks ?? {};
      return {
        front: ends[networks[0]]?.IPAddress,
        back: ends[networks[1]]?.IPAddress,
        aliases: ends[networks[0]]?.Aliases?.includes('volume-api'),
        volume: seen.Mounts?.find(({ Destination }) => Destination === '/var/lib/cinder')?.Name,
      };
    };

    beforeAll(async () => {
      const images = await buildTwo(real);
      const [front, back] = [await real.network('front'), await real.network('back')];
      networks = [front.name, back.name];
      address = `${front.subnet}.77`;
      const { id } = await docker.createContainer({
        name: name('cinder_api'),
        Image: images.old,
        HostConfig: {
          NetworkMode: front.name,
          RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 },
        },
        NetworkingConfig: {
          EndpointsConfig: {
            [front.name]: { IPAMConfig: { IPv4Address: address }, Aliases: ['volume-api'] },
          },
        },
      });
      await docker.getNetwork(back.name).connect({
        Container: id,
        EndpointConfig: { IPAMConfig: { IPv4Address: `${back.subnet}.78` } },
      });
      await docker.getContainer(id).start();
      oldId = id;
      await inside('sh', '-c', `echo ${LINE} > /var/lib/cinder/line`);
      const sidecar = await docker.createContainer({
        name: name('proxy'),
        Image: images.old,
        Cmd: ['sleep', '600'],
        HostConfig: { NetworkMode: `container:${id}` },
      });
      await sidecar.start();
      const hosts = [
        {
          name: 'control01',
          engine: `unix://${real.socketPath}`,
          api_address: address,
          container_prefix: name(''),
        },
      ];
      bot = await bornOver({ config: configOf(hostsFile({ hosts })), state: join(folder, 'state') });
    });
    afterAll(async () => {
      await bot?.app.close();
      await real.cleanUp();
      rmSync(folder, { recursive: true });
    });

    test('is not swapped under the sidecar: the plan names it, and the upgrade is refused', async () => {
      const asked = { service: 'cinder', to: '2025.1-b', overrides: {} };
      const { findings } = await bot.app.plan(ANN, asked);
      expect(findings.filter(({ level }) => level === 'block')).toMatchObject([
        { code: 'joined', text: expect.stringContaining(`${name('proxy')} shares the network namespace of`) },
      ]);
      await expect(bot.app.upgrade(ANN, asked)).rejects.toMatchObject({
        code: 'plan-blocked',
        why: expect.stringContaining(name('proxy')),
      });
      expect((await api()).Id).toBe(oldId);
    });

    test('keeps addresses, alias and data in the upgrade once the sidecar is gone', {
      timeout: 60_000,
    }, async () => {
      const before = await around();
      expect(before).toMatchObject({
        front: address,
        aliases: true,
        volume: expect.stringMatching(/^\w{64}$/),
      });
      await docker.getContainer(name('proxy')).remove({ force: true });
      const run = await upgrade(bot.app, { service: 'cinder', to: '2025.1-b' });
      expect([run.phase, run.why, run.compared.map(({ differences }) => differences)]).toEqual([
        'upgraded',
        undefined,
        [[]],
      ]);
      expect((await api()).Id).not.toBe(oldId);
      expect(await around()).toEqual(before);
      expect(await inside('cat', '/var/lib/cinder/line')).toBe(LINE);
      expect(await whoAnswers()).toBe('2025.1-b');
    });

    test('goes back at the same address to the same data, with what was written since', {
      timeout: 60_000,
    }, async () => {
      const before = await around();
      await inside('sh', '-c', 'echo since >> /var/lib/cinder/line');
      const [newest] = await bot.app.history(ANN, 'cinder');
      await bot.app.rollback(BOB, newest?.id ?? '');
      const run = await bot.app.settled(newest?.id ?? '');
      expect([run.phase, run.why]).toEqual(['rolled-back', undefined]);
      expect((await api()).Id).toBe(oldId);
      expect(await around()).toEqual(before);
      expect(await inside('cat', '/var/lib/cinder/line')).toBe(`${LINE}\nsince`);
      expect(await whoAnswers()).toBe('2025.1-a');
    });

    test('still has its anonymous volume when the old container is removed by Finalize', {
      timeout: 60_000,
    }, async () => {
      await bot.app.unhold(BOB, 'cinder');
      const { id } = await upgrade(bot.app, { service: 'cinder', to: '2025.1-b' });
      await bot.app.finalize(BOB, id);
      expect((await bot.app.settled(id)).phase).toBe('finalized');
      expect(await engine.inspect(oldId)).toBeUndefined();
      expect(await inside('cat', '/var/lib/cinder/line')).toBe(`${LINE}\nsince`);
    });
  },
);
