import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type Docker from 'dockerode';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud } from '../../src/demo/cloud/cloud.js';
import { startDockerCloud } from '../../src/demo/cloud/docker.js';
import { localEngine } from '../../src/demo/cloud/local-engine.js';
import { removeLeftovers } from '../../src/demo/cloud/removal.js';
import { DEMO_RELEASES } from '../../src/demo/cloud/shape.js';
import { describeUnless } from '../setup/left-out.js';

const engine = await localEngine();

describeUnless(
  'missing' in engine ? engine.missing : undefined,
  'the demo’s cloud on the machine’s engine',
  () => {
    if ('missing' in engine) return;
    const { docker } = engine;
    let cloud: Cloud;

    const execIn = async (name: string, command: string[]) => {
      const exec = await docker
        .getContainer(`${cloud.prefix}${name}`)
        .exec({ Cmd: command, AttachStdout: true, AttachStderr: true });
      const stream = await exec.start({});
      let output = '';
      stream.on('data', (chunk: Buffer) => {
        output += chunk.subarray(8).toString();
      });
      await new Promise((resolve) => stream.on('end', resolve));
      return { output, exitCode: (await exec.inspect()).ExitCode };
    };

    /** Runs an image of the demo once with a KOLLA_* variable, in the place of a service's API container. */
    const migrate = async (name: string, tag: string, variable: string) => {
      const { Config, HostConfig } = await docker.getContainer(`${cloud.prefix}${name}`).inspect();
      const container = await docker.createContainer({
        name: `${cloud.prefix}once`,
        Image: Config.Image.replace(DEMO_RELEASES.running.tag, tag),
        Env: [...Config.Env.filter((line) => !line.startsWith('DEMO_')), `${variable}=`],
        HostConfig: { NetworkMode: 'host', Binds: HostConfig.Binds ?? [] },
      });
      await container.start();
      const { StatusCode } = (await container.wait()) as { StatusCode: number };
      const log = (await container.logs({ stdout: true, stderr: true })).toString();
      await container.remove();
      return { exitCode: StatusCode, log };
    };

    beforeAll(async () => {
      cloud = await startDockerCloud({ engine });
    });
    afterAll(() => cloud?.close());

    test('runs Kolla’s containers by Kolla’s names behind its prefix, and a message bus beside them', async () => {
      const names = (await cloud.containers()).map(({ name }) => name.replace(cloud.prefix, ''));
      expect(names).toEqual([
        'cinder_api',
        'cinder_scheduler',
        'cinder_volume',
        'glance_api',
        'keystone',
        'placement_api',
        'rabbitmq',
      ]);
    });

    test.each(['keystone', 'glance', 'placement', 'cinder'])(
      'the API of %s answers its release and is healthy',
      async (service) => {
        const version: unknown = await (await fetch(cloud.apiUrl(service))).json();
        expect(version).toMatchObject({ service, release: '2025.1' });
        expect((await fetch(`${cloud.apiUrl(service)}/healthcheck`)).status).toBe(200);
      },
    );

    test.each(['cinder_scheduler', 'cinder_volume'])(
      '%s is healthy by its connection to the message bus',
      async (name) => {
        const { Config, State } = await docker.getContainer(`${cloud.prefix}${name}`).inspect();
        expect(Config.Healthcheck?.Test?.slice(0, 2)).toEqual(['CMD', 'healthcheck_port']);
        expect(State.Health?.Status).toBe('healthy');
      },
    );

    test('the health command of a worker fails for a port to which it has no connection', async () => {
      expect((await execIn('cinder_volume', ['healthcheck_port', 'cinder-volume', '1'])).exitCode).toBe(1);
    });

    test('df tells the free space of a container’s file system', async () => {
      const { output } = await execIn('cinder_api', ['df', '-Pk', '/']);
      expect(output).toMatch(/Available[^\n]*\n\S+ +\d+ +\d+ +\d+ +\d+% +\//);
    });

    test('a migration moves the schema revision, and the database password is in its log', async () => {
      const before = await execIn('cinder_api', ['cinder-manage', 'db', 'version']);
      const { exitCode, log } = await migrate('cinder_api', DEMO_RELEASES.good.tag, 'KOLLA_BOOTSTRAP');
      const after = await execIn('cinder_api', ['cinder-manage', 'db', 'version']);
      const { Config } = await docker.getContainer(`${cloud.prefix}cinder_api`).inspect();
      const password =
        Config.Env.find((line) => line.startsWith('CINDER_DATABASE_PASSWORD='))?.split('=')[1] ?? 'none';
      expect(exitCode).toBe(0);
      expect(log).toContain('Running upgrade 9c74c1c6971f -> afdd2b8e4f1a');
      expect(log).toContain(password);
      expect([before.output.trim(), after.output.trim()]).toEqual(['9c74c1c6971f', 'afdd2b8e4f1a']);
    });

    test('the old release’s migration fails on the new schema, as alembic’s does', async () => {
      const { exitCode, log } = await migrate('cinder_api', DEMO_RELEASES.running.tag, 'KOLLA_BOOTSTRAP');
      expect(exitCode).toBe(1);
      expect(log).toContain("Can't locate revision identified by 'afdd2b8e4f1a'");
    });

    test('the next release refuses a schema whose online data migrations are open, until they are run', async () => {
      expect((await migrate('cinder_api', DEMO_RELEASES.broken.tag, 'KOLLA_BOOTSTRAP')).log).toContain(
        'online_data_migrations',
      );
      expect((await migrate('cinder_api', DEMO_RELEASES.good.tag, 'KOLLA_OSM')).exitCode).toBe(0);
      expect((await migrate('cinder_api', DEMO_RELEASES.broken.tag, 'KOLLA_BOOTSTRAP')).exitCode).toBe(0);
    });

    test('a demo that was killed is recognised and cleared away, and the living one is not touched', async () => {
      const before = await cloud.containers();
      const prefix = await killedDemo();
      const listed = async () =>
        (await docker.listContainers({ all: true })).filter(({ Names }) =>
          Names.some((name) => name.startsWith(`/${prefix}`)),
        );
      expect((await listed()).length).toBeGreaterThan(0);
      await removeLeftovers(docker, { kept: false });
      expect(await listed()).toEqual([]);
      expect(await cloud.containers()).toEqual(before);
    });

    test('closing leaves no container, image, volume or folder behind', async () => {
      const own = cloud;
      await own.close();
      expect(await leftOf(docker, own.prefix)).toEqual([]);
      expect(existsSync(own.folder)).toBe(false);
    });
  },
);

const leftOf = async (docker: Docker, prefix: string): Promise<string[]> => {
  const id = prefix.slice('demo_'.length, -1);
  const [containers, images, { Volumes }] = await Promise.all([
    docker.listContainers({ all: true }),
    docker.listImages({ all: true }),
    docker.listVolumes(),
  ]);
  return [
    ...containers.flatMap(({ Names }) => Names),
    ...images.flatMap(({ RepoTags, Labels }) => [...(RepoTags ?? []), Labels?.['stackswap.demo'] ?? '']),
    ...Volumes.map(({ Name }) => Name),
  ].filter((name) => name === id || name.includes(prefix) || name.includes(`stackswap-demo-${id}`));
};

/** Starts a cloud in another process and kills that with no warning; answers with the cloud's prefix. */
const killedDemo = async (): Promise<string> => {
  const script = fileURLToPath(new URL('./start-and-wait.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const prefix = await new Promise<string>((resolve) =>
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim())),
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  return prefix;
};
