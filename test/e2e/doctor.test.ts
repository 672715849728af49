import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DoctorReport } from '../../src/app/doctor/doctor.js';
import { type RealDocker, realDocker } from '../engine/real-docker.js';
import { describeUnless } from '../setup/left-out.js';
import { ANN, type Bot, bornOver, configOf, hostsFile } from './bot.js';

const found = await realDocker('doctor');
const SECRET = 'kept-to-ourselves';

const CONFIG_JSON = {
  command: 'httpd -f',
  config_files: [
    {
      source: '/var/lib/kolla/config_files/placement.conf',
      dest: '/etc/placement.conf',
      owner: 'root',
      perm: '0600',
    },
  ],
};

describeUnless('leftOut' in found ? found.leftOut : undefined, 'doctor on a real engine', () => {
  const real = found as RealDocker;
  const { docker, name } = real;
  const folder = mkdtempSync(join(tmpdir(), 'stackswap-e2e-'));
  const config = join(folder, 'placement-api');
  let bot: Bot;

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    mkdirSync(config);
    writeFileSync(join(config, 'config.json'), JSON.stringify(CONFIG_JSON));
    writeFileSync(join(config, 'placement.conf'), `password = ${SECRET}\n`);
    const image = await real.image('placement-api', [
      'RUN mkdir -p /www /var/lib/kolla/config_files && echo ok > /www/index.html',
      'CMD ["httpd", "-f", "-p", "8780", "-h", "/www"]',
    ]);
    const network = await real.network('net');
    const address = `${network.subnet}.20`;
    const container = await docker.createContainer({
      name: name('placement_api'),
      Image: image,
      Env: ['KOLLA_SERVICE_NAME=placement-api'],
      HostConfig: {
        NetworkMode: network.name,
        Binds: [`${config}:/var/lib/kolla/config_files/:ro`],
        RestartPolicy: { Name: 'unless-stopped' },
      },
      NetworkingConfig: { EndpointsConfig: { [network.name]: { IPAMConfig: { IPv4Address: address } } } },
    });
    await container.start();
    bot = await bornOver({
      state: join(folder, 'state'),
      config: configOf(
        hostsFile({
          hosts: [
            {
              name: 'here',
              engine: `unix://${real.socketPath}`,
              api_address: address,
              container_prefix: name(''),
            },
            { name: 'gone', engine: `unix://${join(folder, 'nobody.sock')}` },
          ],
        }),
      ),
    });
  }, 120_000);

  afterAll(async () => {
    await bot?.app.close();
    await real.cleanUp();
    rmSync(folder, { recursive: true });
  }, 120_000);

  const told = (report: DoctorReport, host: string): Record<string, string> =>
    Object.fromEntries(
      (report.hosts.find((one) => one.host === host)?.checks ?? []).map(({ code, level }) => [code, level]),
    );

  test('finds clock, space, API and configuration well, and the other host gone', async () => {
    const before = await docker.getContainer(name('placement_api')).inspect();
    const report = await bot.app.doctor(ANN);
    expect(told(report, 'here')).toMatchObject({
      clock: 'well',
      disk: 'well',
      health: 'well',
      units: 'well',
      api: 'well',
      'config-files': 'well',
      leftovers: 'well',
    });
    expect(told(report, 'gone')).toEqual({ reach: 'mend' });
    const after = await docker.getContainer(name('placement_api')).inspect();
    expect({ ...after, ExecIDs: null }).toEqual({ ...before, ExecIDs: null });
  }, 60_000);

  test('tells of a file that is gone, by its name and never by what was in it', async () => {
    rmSync(join(config, 'placement.conf'));
    const report = await bot.app.doctor(ANN, 'here');
    expect(told(report, 'here')).toMatchObject({ 'config-files': 'mend' });
    expect(JSON.stringify(report)).toContain('placement.conf');
    expect(JSON.stringify(report)).not.toContain(SECRET);
  }, 60_000);
});
