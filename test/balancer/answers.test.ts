import { describe, expect, test } from 'vitest';
import { readAnswers } from '../../src/balancer/answers.js';
import { commandFor, orderServer, readBalancer } from '../../src/balancer/haproxy.js';
import { othersIn, serversOf } from '../../src/balancer/servers.js';
import { lookScript, orderScript } from '../../src/balancer/socket.js';
import { EngineError } from '../../src/engine/port.js';
import { simCloud } from '../../src/sim/cloud.js';

/** Recorded from Debian's HAProxy 2.6.12: servers drained by hand, one of them dead, one in maintenance, one just back. */
const RECORDED = `level admin
# pxname,svname,qcur,qmax,scur,status
keystone_internal_back,ctl1,0,0,0,DOWN
keystone_internal_back,ctl2,0,0,2,DRAIN
keystone_internal_back,ctl3,0,0,1,MAINT
cinder_api_back,ctl1,0,0,0,UP 1/5
cinder_api_back,ctl2,0,0,0,UP
cinder_api_back,ctl3,0,0,0,DRAIN 1/5
cinder_api_external_back,ctl1,0,0,0,no check
be_name srv_name srv_addr srv_op_state srv_admin_state srv_port
keystone_internal_back ctl1 127.0.77.1 0 8 18778
keystone_internal_back ctl2 127.0.77.2 2 8 18778
keystone_internal_back ctl3 127.0.77.3 0 1 18778
cinder_api_back ctl1 127.0.77.1 2 0 18778
cinder_api_back ctl2 127.0.77.2 2 0 18778
cinder_api_back ctl3 ::1 2 8 18778
cinder_api_external_back ctl1 127.0.77.1 2 0 18778
`;

const seen = readAnswers(RECORDED);

const api = { entry: 'cinder_api', hostName: 'ctl1.example.org', address: '127.0.77.1', port: 18778 };
const names = (servers: readonly { backend: string; server: string }[]): readonly string[] =>
  servers.map(({ backend, server }) => `${backend}/${server}`);

describe('what HAProxy says of its servers', () => {
  test('the level and each server’s state, requests and address are read', () => {
    expect(seen.level).toBe('admin');
    expect(seen.servers[1]).toEqual({
      backend: 'keystone_internal_back',
      server: 'ctl2',
      address: '127.0.77.2:18778',
      status: 'DRAIN',
      serving: false,
      drained: true,
      maintenance: false,
      sessions: 2,
    });
  });

  test('a drained server whose process is gone reads DOWN, and is known as drained all the same', () => {
    expect(seen.servers[0]).toMatchObject({ status: 'DOWN', drained: true, serving: false });
  });

  test('requests in the queue count as under way', () => {
    const queued = RECORDED.replace('ctl3,0,0,1,MAINT', 'ctl3,2,4,1,MAINT');
    expect(readAnswers(queued).servers[2]).toMatchObject({ maintenance: true, sessions: 3 });
  });

  test('a server on its way down or without checks still gets traffic', () => {
    expect(seen.servers.filter(({ serving }) => serving).map(({ status }) => status)).toEqual([
      'UP 1/5',
      'UP',
      'no check',
    ]);
  });

  test.each([
    ['nothing', ''],
    ['the end of a longer answer', RECORDED.slice(40)],
    ['an older HAProxy’s help', "level admin\nUnknown command: 'show', but maybe one of the following\n"],
  ])('%s is no answer', (_what, text) => {
    expect(() => readAnswers(text)).toThrow("not HAProxy's answer");
  });
});

describe('the servers of one API', () => {
  test('are those at its address and port, whatever their backends are called', () => {
    const all = ['keystone_internal_back/ctl1', 'cinder_api_back/ctl1', 'cinder_api_external_back/ctl1'];
    expect(names(serversOf(seen, api))).toEqual(all);
    expect(names(serversOf(seen, { ...api, address: 'https://127.0.77.1' }))).toEqual(all);
  });

  test('are found at an IPv6 address with or without brackets', () => {
    for (const address of ['[::1]', '::1'])
      expect(names(serversOf(seen, { ...api, address }))).toEqual(['cinder_api_back/ctl3']);
  });

  test('are those with the host’s name in Kolla’s backends where the address is another or not known', () => {
    for (const address of [undefined, 'ctl1.example.org'])
      expect(names(serversOf(seen, { ...api, address }))).toEqual([
        'cinder_api_back/ctl1',
        'cinder_api_external_back/ctl1',
      ]);
    const keystone = { entry: 'keystone', hostName: 'ctl2', address: undefined, port: 5000 };
    expect(names(serversOf(seen, keystone))).toEqual(['keystone_internal_back/ctl2']);
  });

  test('are none where another port or host is meant', () => {
    expect(serversOf(seen, { ...api, hostName: 'ctl9', address: '127.0.77.9' })).toEqual([]);
  });

  test('the others of a backend are all but ours', () => {
    expect(names(othersIn(seen, 'cinder_api_back', ['cinder_api_back/ctl1']))).toEqual([
      'cinder_api_back/ctl2',
      'cinder_api_back/ctl3',
    ]);
  });
});

const engine = simCloud({ hosts: [{ name: 'ctl1' }] }).operator('ctl1');

describe('the admin socket', () => {
  const socketThat = (exitCode: number, output: string) => ({
    engine: { ...engine, exec: async () => ({ exitCode, output }) },
    container: 'haproxy',
    path: '/run/haproxy.sock',
  });
  const drain = { name: 'cinder_api_back/ctl1', order: 'drain' } as const;

  test('an empty answer is obedience', async () => {
    await expect(orderServer(socketThat(0, '\n'), drain)).resolves.toBeUndefined();
  });

  test.each(['Permission denied\n\n', 'No such server.\n\n', 'No such backend.\n'])(
    'a refusal is text with exit code 0: %j',
    async (text) => {
      await expect(orderServer(socketThat(0, text), drain)).rejects.toMatchObject({
        unknown: false,
        message: expect.stringContaining(text.trim()),
      });
    },
  );

  test('a socket that is not there is silence', async () => {
    const line = 'socat[7] E connect(, AF=1 "/run/haproxy.sock", 19): No such file or directory\n';
    await expect(readBalancer(socketThat(1, line))).rejects.toMatchObject({
      unknown: true,
      message: expect.stringContaining('No such file or directory'),
    });
  });

  test('a container that is gone for the moment is silence, too', async () => {
    const gone = async () => {
      throw new EngineError('ctl1', 'exec', 'No such container: haproxy', false, 404);
    };
    await expect(
      readBalancer({ ...socketThat(0, ''), engine: { ...engine, exec: gone } }),
    ).rejects.toMatchObject({ unknown: true });
  });

  test.each(["x'; reboot '", 'a b', 'a;b', '$(id)', '', 'a/b'])(
    '%j is no name that is put into a script',
    (name) => {
      expect(() =>
        orderScript('/run/haproxy.sock', { backend: name, server: 'ctl1', order: 'drain' }),
      ).toThrow();
      expect(() =>
        orderScript('/run/haproxy.sock', { backend: 'b', server: name, order: 'drain' }),
      ).toThrow();
    },
  );

  test.each(["/run/x'", '/run/a b', 'relative', '/run/$(id)', '/run/a,fork'])(
    '%j is no path of a socket',
    (path) => {
      expect(() => lookScript(path)).toThrow();
    },
  );

  test('the command for people is what a shell takes', () => {
    expect(
      commandFor({ container: 'haproxy', socket: '/run/haproxy.sock' }, { name: 'b/ctl1', order: 'ready' }),
    ).toBe(
      `docker exec haproxy sh -c "echo 'set server b/ctl1 state ready' | socat stdio unix-connect:/run/haproxy.sock"`,
    );
  });
});
