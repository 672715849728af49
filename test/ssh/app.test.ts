import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type ReachedHosts, reachedHosts } from '../../src/app/reached-hosts.js';
import { buildApp } from '../../src/build-app.js';
import { type HostConfig, parseConfig } from '../../src/config.js';
import { createLog } from '../../src/log.js';
import { redactor } from '../../src/redact.js';
import { type FakeEngine, fakeEngine, json } from '../engine/fake-engine.js';
import { describeUnless } from '../setup/left-out.js';
import { hostFor } from './reached.js';
import { type Sshd, sshMissing, startSshd, until } from './sshd.js';

const UNIT = 'kolla-keystone-container.service';

/** What systemd says of a unit that it does not know. */
const NOT_FOUND = '#!/bin/sh\necho LoadState=not-found\necho ActiveState=inactive\n';

describeUnless(sshMissing(), 'the hosts of Stackswap over SSH', () => {
  let sshd: Sshd;
  let fake: FakeEngine;
  let host: HostConfig;
  beforeAll(async () => {
    fake = await fakeEngine({
      'GET /version': json(200, { Version: '20.10.24', ApiVersion: '1.41' }),
      'GET /info': json(200, { Name: 'box' }),
      'GET /containers/json': json(200, []),
    });
    sshd = await startSshd({ programs: { systemctl: NOT_FOUND } });
    host = hostFor(sshd, { socket: fake.socketPath });
  });
  afterAll(() => Promise.all([sshd.remove(), fake.close()]));

  const sessionsEnd = () => until('all sessions to end', () => sshd.sessions().length === 0);

  const reach = (one: HostConfig): ReachedHosts => {
    const hosts = reachedHosts({ hosts: [one], redactor: redactor() });
    onTestFinished(hosts.close);
    return hosts;
  };

  it('share one connection between the engine and the units', async () => {
    const before = sshd.accepted();
    const hosts = reach(host);
    expect(await hosts.engineOf('control1').list()).toEqual([]);
    expect(await hosts.unitsOf('control1')?.read(UNIT)).toBeUndefined();
    expect(sshd.accepted() - before).toBe(1);
    await hosts.close();
    await sessionsEnd();
  });

  it('can be asked for units even where the hosts file says that there are none', async () => {
    const hosts = reach({ ...host, supervisor: 'none' });
    expect(await hosts.unitsOf('control1')?.read(UNIT)).toBeUndefined();
  });

  it('have units at a second address, where the engine is not reached over SSH', async () => {
    const { socketPath } = fake;
    const ssh = {
      ...host.ssh,
      jump: [],
      sudo: false,
      address: host.engine.replace(/^ssh:\/\/([^/]*).*/, '$1'),
    };
    const both = { ...host, engine: `unix://${socketPath}`, ssh };
    const hosts = reach(both);
    const before = sshd.accepted();
    expect(await hosts.engineOf('control1').list()).toEqual([]);
    expect(sshd.accepted()).toBe(before);
    expect(await hosts.unitsOf('control1')?.read(UNIT)).toBeUndefined();
    await until('one connection', () => sshd.accepted() === before + 1);
  });

  it('are let go when Stackswap ends', async () => {
    const config = parseConfig(
      JSON.stringify({
        channel: 'C1',
        hosts: [host],
        people: [{ name: 'Ann', login: 'ann', roles: ['viewer'] }],
      }),
      'the test',
    );
    const secrets = redactor();
    const log = createLog({ level: 'error', redact: secrets });
    const app = await buildApp({ config, log, redactor: secrets, stateFolder: join(sshd.folder, 'state') });
    const [seen] = await app.status({ id: 'ann', name: 'ann', door: 'cli' }, 'keystone');
    expect(seen).toMatchObject({ containers: [], unreachable: [] });
    expect(sshd.sessions().length).toBeGreaterThan(0);
    await app.close();
    await sessionsEnd();
  });
});
