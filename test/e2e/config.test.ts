import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Run } from '../../src/run/run.js';
import { realDocker } from '../engine/real-docker.js';
import { describeUnless } from '../setup/left-out.js';
import { BOB, type Bot, bornOver, configOf, hostsFile, upgrade } from './bot.js';

const real = await realDocker('config');

/** As kolla_start: copies its configuration first, then migrates where a variable says so, else serves. */
const START = [
  'cp /var/lib/kolla/config_files/cinder-api.conf /tmp/own.conf',
  'value() { grep ^value "$1" | cut -d" " -f3; }',
  'if env | grep -q "^KOLLA_OSM="; then exit 0; fi',
  'if env | grep -q "^KOLLA_BOOTSTRAP="; then echo "saw $(value /tmp/own.conf), host $(value /peek/cinder-api.conf)" >> /var/log/kolla/migrations; exit 0; fi',
  'grep -q "^release = $RELEASE$" /tmp/own.conf || exit 9',
  'exec sleep 3600',
].join('; ');

const FILES = (release: string): Readonly<Record<string, string>> => ({
  'config.json': JSON.stringify({
    command: `cinder-api --of ${release}`,
    config_files: [
      { source: '/var/lib/kolla/config_files/cinder-api.conf', dest: '/etc/x', owner: 'x', perm: '0600' },
    ],
  }),
  'cinder-api.conf': `[DEFAULT]\nrelease = ${release}\nvalue = of-${release}\npassword = PW-of-${release}-never\n`,
  ...(release === '2025.2' ? { 'uwsgi.ini': '[uwsgi]\nprocesses = 2\n' } : {}),
});

const write = (folder: string, files: Readonly<Record<string, string>>, mode: number): void => {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), mode);
  }
};

describeUnless(
  'leftOut' in real ? real.leftOut : undefined,
  'the configuration of the target release, on a real engine',
  () => {
    if ('leftOut' in real) return;
    const { docker, prefix } = real;
    const name = `${prefix}-cinder_api`;
    const place = mkdtempSync(join(tmpdir(), 'stackswap-config-'));
    const onHost = join(place, 'etc-kolla/cinder-api');
    const logs = join(place, 'logs');
    let bot: Bot;
    let run: Run;

    /** Mode, owner and bytes of every file in the host's folder. */
    const host = (): Record<string, string> =>
      Object.fromEntries(
        readdirSync(onHost).map((file) => {
          const { mode, uid, gid } = statSync(join(onHost, file));
          return [
            file,
            `${(mode & 0o7777).toString(8)} ${uid}:${gid} ${readFileSync(join(onHost, file), 'utf8')}`,
          ];
        }),
      );
    const served = async (): Promise<string> => {
      const { exitCode, output } = await real.engine.exec(name, ['grep', '^value', '/tmp/own.conf'], 10_000);
      if (exitCode !== 0) throw new Error(output);
      return output.trim();
    };
    const helpers = async (): Promise<string[]> =>
      (await real.engine.list()).map((one) => one.name).filter((one) => one.startsWith(`${name}__conf_`));

    beforeAll(async () => {
      for (const release of ['2025.1', '2025.2'])
        await real.image(`cinder-api:${release}`, [
          `ENV RELEASE=${release}`,
          `CMD ${JSON.stringify(['sh', '-c', START])}`,
          'VOLUME /data',
          'STOPSIGNAL SIGKILL',
        ]);
      write(onHost, FILES('2025.1'), 0o660);
      chmodSync(join(onHost, 'config.json'), 0o640);
      if (process.getuid?.() === 0)
        for (const file of readdirSync(onHost)) chownSync(join(onHost, file), 1234, 4321);
      write(join(place, 'rendered/2025.2/here/cinder-api'), FILES('2025.2'), 0o600);
      mkdirSync(logs);
      const container = await docker.createContainer({
        name,
        Image: `${prefix}/cinder-api:2025.1`,
        Env: ['KOLLA_CONFIG_STRATEGY=COPY_ALWAYS', 'KOLLA_SERVICE_NAME=cinder-api'],
        HostConfig: {
          Binds: [
            `${onHost}/:/var/lib/kolla/config_files/:ro`,
            `${onHost}:/peek:ro`,
            `${logs}:/var/log/kolla/`,
          ],
          RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 },
        },
      });
      await container.start();
      bot = await bornOver({
        state: join(place, 'state'),
        config: configOf(
          hostsFile({
            hosts: [
              {
                name: 'here',
                engine: `unix://${real.socketPath}`,
                container_prefix: `${prefix}-`,
                supervisor: 'none',
              },
            ],
            target_config: { folder: join(place, 'rendered/{release}/{host}') },
          }),
        ),
      });
    });

    afterAll(async () => {
      await bot?.app.close();
      await real.cleanUp();
      rmSync(place, { recursive: true, force: true });
    });

    let before: Record<string, string> = {};

    test('is installed at the swap, while the migration had it for itself before', async () => {
      before = host();
      expect(await served()).toBe('value = of-2025.1');
      run = await upgrade(bot.app, { service: 'cinder', to: '2025.2' });
      expect([run.phase, run.why]).toEqual(['upgraded', undefined]);
      expect(await served()).toBe('value = of-2025.2');
      const migrations = readFileSync(join(logs, 'migrations'), 'utf8').trim().split('\n');
      expect([...new Set(migrations)]).toEqual(['saw of-2025.2, host of-2025.1']);
      const owner = Object.values(before)[0]?.split(' ')[1];
      expect(host()).toEqual({
        'config.json': `640 ${owner} ${FILES('2025.2')['config.json']}`,
        'cinder-api.conf': `660 ${owner} ${FILES('2025.2')['cinder-api.conf']}`,
        'uwsgi.ini': `600 ${owner} [uwsgi]\nprocesses = 2\n`,
      });
      expect(await helpers()).toEqual([`${name}__conf_${run.id}`]);
      const helper = await docker.getContainer(`${name}__conf_${run.id}`).inspect();
      expect([helper.State.Status, helper.Mounts.filter(({ Type }) => Type === 'volume')]).toEqual([
        'created',
        [],
      ]);
    });

    test('is in the plan as a difference, and no secret of it is in the journal or the log', async () => {
      const journal = JSON.stringify(await bot.app.eventsOf(run.id));
      expect(journal).toContain('+ [DEFAULT] value = of-2025.2');
      expect(`${journal}${bot.log.join('')}`).not.toMatch(/PW-of-/);
    });

    test('gives way to the old one at roll back, byte for byte, with owner and mode', async () => {
      await bot.app.rollback(BOB, run.id);
      run = await bot.app.settled(run.id);
      expect([run.phase, run.notes]).toEqual(['rolled-back', []]);
      const { 'uwsgi.ini': added, ...after } = host();
      expect([after, added !== undefined]).toEqual([before, true]);
      expect(await served()).toBe('value = of-2025.1');
      expect(await helpers()).toEqual([]);
    });

    test('goes forward again, and Finalize takes the helper container away', async () => {
      await bot.app.unhold(BOB, 'cinder');
      run = await upgrade(bot.app, { service: 'cinder', to: '2025.2' });
      await bot.app.finalize(BOB, run.id);
      run = await bot.app.settled(run.id);
      expect([run.phase, await helpers(), await served()]).toEqual(['finalized', [], 'value = of-2025.2']);
    });
  },
);
