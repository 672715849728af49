import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cloud, releaseOf } from '../../src/demo/cloud/cloud.js';
import { startDockerCloud } from '../../src/demo/cloud/docker.js';
import { localEngine } from '../../src/demo/cloud/local-engine.js';
import type { Run } from '../../src/run/run.js';
import { describeUnless } from '../setup/left-out.js';
import { compile } from '../store/compiled.js';
import { ANN, BOB, bornOver, configOf } from './bot.js';
import { hostsFileOf, kept, leftover, type Own, others, ownContainers, serving } from './cloud.js';
import { DEATHS, type Death, titleOf } from './deaths.js';
import { type Doom, isDeadly } from './doom.js';

const engine = await localEngine();

const NAMES: Readonly<Record<string, readonly string[]>> = {
  keystone: ['keystone'],
  cinder: ['cinder_api', 'cinder_scheduler', 'cinder_volume'],
};

/** Names under which both the old and the new container run. */
const runTwice = (all: readonly Own[], service: string): readonly string[] =>
  (NAMES[service] ?? []).filter(
    (name) => all.filter((one) => one.running && one.name.split('__')[0] === name).length > 1,
  );

describeUnless(
  'missing' in engine ? engine.missing : undefined,
  'a bot that is killed by SIGKILL over a Kolla-like cloud',
  () => {
    if ('missing' in engine) return;
    const { docker } = engine;
    const { program, remove } = compile('test/e2e/mortal-bot.ts');
    let cloud: Cloud;
    let text = '';

    const state = () => join(cloud.folder, 'state');
    const configFile = () => join(cloud.folder, 'hosts.yaml');
    const own = () => ownContainers(docker, cloud);
    const born = () => bornOver({ config: configOf(text), state: state() });

    beforeAll(async () => {
      cloud = await startDockerCloud({ engine });
      text = hostsFileOf(cloud);
      await writeFile(configFile(), text);
    });
    afterAll(async () => {
      remove();
      await cloud?.close();
    });

    /** Lets a bot work in a process of its own until its death; answers with the signal that ended it. */
    const dieAs = async ({ service, does, at, afterMs }: Death, run: string): Promise<unknown> => {
      const doom: Doom = {
        config: configFile(),
        state: state(),
        does: does === 'upgrade' ? { verb: does, service, to: '2025.2' } : { verb: does, run },
        at,
        afterMs,
      };
      const child = spawn(process.execPath, [program, JSON.stringify(doom)], {
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      const [, signal] = await once(child, 'exit');
      return signal;
    };

    /** The service's newest run, where there is one; and nobody holds the service. */
    const prepare = async (service: string): Promise<string> => {
      const { app } = await born();
      const [newest] = await app.history(ANN, service);
      if (newest?.phase === 'rolled-back') await app.unhold(BOB, service);
      await app.close();
      return newest?.id ?? '';
    };

    const recover = async ({ service, chosen, at, afterMs }: Death): Promise<Run> => {
      const { app } = await born();
      const [found] = await app.history(ANN, service);
      expect(found?.phase).toBe('interrupted');
      const written = (await app.eventsOf(found?.id ?? '')).map(({ event }) => event);
      expect(written.at(-1)?.kind).toBe('interrupted');
      const deadly = written.findLastIndex((event) => isDeadly(event, at));
      if (afterMs === 0) expect(deadly).toBe(written.length - 2);
      else expect(deadly).toBeGreaterThan(0);
      const { id } = await app[chosen](ANN, found?.id ?? '');
      const run = await app.settled(id);
      await app.close();
      return run;
    };

    test.each(DEATHS.map((death) => [titleOf(death), death] as const))(
      '%s',
      { timeout: 60_000 },
      async (_title, death) => {
        const { service, ends } = death;
        const id = await prepare(service);
        const before = await own();
        expect(await dieAs(death, id)).toBe('SIGKILL');
        expect(runTwice(await own(), service)).toEqual([]);
        const run = await recover(death);
        const after = await own();
        expect([run.phase, run.why]).toEqual([ends, undefined]);
        const release = ends === 'rolled-back' ? '2025.1' : '2025.2';
        expect(await releaseOf(cloud, service)).toBe(release);
        expect(serving(after, service)).toEqual(
          NAMES[service]?.map((name) => `${name} ${release}-demo unless-stopped`),
        );
        expect(kept(after, service).map(({ running, policy }) => [running, policy])).toEqual(
          ends === 'upgraded' ? NAMES[service]?.map(() => [false, 'no']) : [],
        );
        expect(leftover(after)).toEqual([]);
        expect(others(after, service)).toEqual(others(before, service));
        expect(run.compared.flatMap(({ differences }) => differences)).toEqual([]);
      },
    );

    test('the cloud is cleared away by several at once, as by demos that find a dead one', async () => {
      await Promise.all([cloud.close(), cloud.close(), cloud.close()]);
      expect(await own()).toEqual([]);
    });
  },
);
