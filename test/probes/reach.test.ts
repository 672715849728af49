import { createServer, type RequestListener } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configSchema } from '../../src/config.js';
import { reachOf } from '../../src/plan/reach.js';
import { startSampler } from '../../src/probes/downtime.js';
import { http, statusOf } from '../../src/probes/http.js';
import { port } from '../../src/probes/port.js';
import { isInReach, pinnedLookup, whyNot } from '../../src/probes/reach.js';
import { kollaCloud } from '../sim/kolla.js';

/** What reached a port that no probe has any business at. */
const visits: string[] = [];
const stops: (() => void)[] = [];

const listening = async (
  server: ReturnType<typeof createTcpServer>,
  address: string,
  wanted = 0,
): Promise<number> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(wanted, address, resolve);
  });
  stops.push(() => server.close());
  const at = server.address();
  return at !== null && typeof at === 'object' ? at.port : 0;
};

const served = (listener: RequestListener): Promise<number> => listening(createServer(listener), '127.0.0.1');

let outside = 0;
let inside = 0;

beforeAll(async () => {
  const trap = () =>
    createTcpServer((socket) => {
      visits.push(`${socket.localAddress}:${socket.localPort}`);
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    });
  // Every loopback address at once, IPv4 and IPv6.
  outside = await listening(trap(), '::');
  inside = await served((request, answer) => {
    if (request.url === '/away') answer.writeHead(302, { location: `http://127.0.0.1:${outside}/` });
    answer.end();
  });
});

afterAll(() => {
  for (const stop of stops) stop();
});

const configFor = (at: number) =>
  configSchema.parse({
    channel: 'C0OPS',
    hosts: [{ name: 'control1', engine: 'sim:', api_address: '127.0.0.1', ports: { cinder: at } }],
    front_door: { keystone: 'https://cloud.example.org:5000/v3' },
  });

/** Each written for a trap at port PORT, in the ways in which filters of addresses were got past. */
const TRICKS: readonly string[] = [
  'http://127.0.0.1:PORT/',
  'http://127.0.0.1:PORT/healthcheck',
  'http://localhost:PORT/',
  'http://LOCALHOST:PORT/',
  'http://localhost.:PORT/',
  'http://127.1:PORT/',
  'http://127.0.1:PORT/',
  'http://2130706433:PORT/',
  'http://017700000001:PORT/',
  'http://0x7f000001:PORT/',
  'http://0x7f.0x0.0x0.0x1:PORT/',
  'http://0177.0.0.01:PORT/',
  'http://127.0.0.01:PORT/',
  'http://127.0.0.1.:PORT/',
  'http://127.0.0.2:PORT/',
  'http://127.255.255.254:PORT/',
  'http://0:PORT/',
  'http://0.0.0.0:PORT/',
  'http://[::1]:PORT/',
  'http://[::]:PORT/',
  'http://[0:0:0:0:0:0:0:1]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://[::ffff:7f00:1]:PORT/',
  'http://[::127.0.0.1]:PORT/',
  'http://[64:ff9b::127.0.0.1]:PORT/',
  'http://[fe80::1]:PORT/',
  'http://①②⑦.⓪.⓪.①:PORT/',
  'http://127。0。0。1:PORT/',
  'http://ⓛocalhost:PORT/',
  'http://127.0.0.1:INSIDE@127.0.0.1:PORT/',
  'http://127.0.0.1:INSIDE@localhost:PORT/',
  'http://user:word@127.0.0.1:INSIDE/',
  'http://user@127.0.0.1:INSIDE/',
  'http://127.0.0.1:PORT#@127.0.0.1:INSIDE/',
  'http://127.0.0.1:PORT?@127.0.0.1:INSIDE/',
  'http://127.0.0.1:PORT\\@127.0.0.1:INSIDE/',
  'http:\\\\127.0.0.1:PORT\\',
  'http:/127.0.0.1:PORT/',
  'http:127.0.0.1:PORT/',
  'http:////127.0.0.1:PORT/',
  ' http://127.0.0.1:PORT/',
  '\thttp://127.0.0.1:PORT/',
  'ht\ntp://127.0.0.1:PORT/',
  'http://127.0.0.1\t:PORT/',
  'HTTP://127.0.0.1:PORT/',
  'https://127.0.0.1:PORT/',
  'https://127.0.0.1:INSIDE/',
  'ws://127.0.0.1:INSIDE/',
  'ftp://127.0.0.1:PORT/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:PORT/_GET',
  'data:text/plain,200',
  'javascript:1',
  'unix:/var/run/docker.sock',
  'http+unix://%2Fvar%2Frun%2Fdocker.sock/info',
  'http://169.254.169.254/latest/meta-data/',
  'http://[::ffff:169.254.169.254]/latest/meta-data/',
  'http://[fd00:ec2::254]/latest/meta-data/',
  'http://2852039166/latest/meta-data/',
  'http://0xa9fea9fe/',
  'http://metadata.google.internal/computeMetadata/v1/',
  'http://100.100.100.200/latest/meta-data/',
  'http://127.0.0.1.nip.io:PORT/',
  'http://cloud.example.org:5000/v3',
  'https://cloud.example.org/v3',
  'https://cloud.example.org:5000.evil.example/',
  'https://evil.example/https://cloud.example.org:5000/v3',
  'http://127.0.0.1:22/',
  'http://127.0.0.1:2375/',
  'http://127.0.0.1/',
  '//127.0.0.1:PORT/',
  '',
];

const written = (trick: string): string =>
  trick.replaceAll('PORT', String(outside)).replaceAll('INSIDE', String(inside));

const cloud = kollaCloud();

const contextFor = async (url: string) => ({
  engine: (await cloud).cloud.operator('node1'),
  id: '',
  container: undefined,
  startedAt: '',
  restartCount: 0,
  expect: [200],
  url,
  reach: reachOf(configFor(inside)),
});

describe('an address that is not the inventory’s', () => {
  test(`is not asked by any probe: ${TRICKS.length} ways to write one, 0 visits`, async () => {
    const asked = TRICKS.map(written);
    expect(new Set(asked).size).toBeGreaterThanOrEqual(60);
    for (const url of asked) {
      const context = await contextFor(url);
      const sampler = startSampler('control1', context);
      const [byHttp, byPort] = await Promise.all([http(context), port(context)]);
      const sampled = await sampler.stop();
      expect([url, byHttp.verdict, byPort.verdict, sampled.good]).toEqual([url, 'unknown', 'unknown', 0]);
    }
    expect(visits).toEqual([]);
  }, 30_000);

  test('the trap would have seen a visit', async () => {
    expect(await statusOf(`http://127.0.0.1:${outside}/`, 2_000)).toBe(200);
    await new Promise<void>((resolve, reject) => {
      const socket = connect(outside, '::1');
      socket.once('error', reject).once('close', () => resolve());
      socket.resume();
    });
    expect(visits).toHaveLength(2);
    visits.length = 0;
  });
});

describe('what is asked', () => {
  test('are the hosts of the settings at their ports, and the front doors', () => {
    const reach = reachOf(configFor(8776));
    expect(isInReach('http://127.0.0.1:8776/healthcheck', reach)).toBe(true);
    expect(isInReach('https://cloud.example.org:5000/anything', reach)).toBe(true);
    expect(isInReach('http://127.0.0.1:8774/', reach)).toBe(false);
    expect([...reachOf({ ...configFor(1), hosts: [], front_door: {} })]).toEqual([]);
  });

  test('leads nowhere else by a redirect', async () => {
    const context = await contextFor(`http://127.0.0.1:${inside}/away`);
    expect(await http({ ...context, expect: [302] })).toEqual({ verdict: 'well', why: 'answers 302' });
    expect(visits).toEqual([]);
  });

  test('is read no further than 64 KiB, and not longer than its time', async () => {
    let sent = 0;
    const flood = await served((_request, answer) => {
      const chunk = Buffer.alloc(16_384, 'x');
      // Little by little, so that what was sent is what was read, and not what the kernel's buffers took.
      const timer = setInterval(() => {
        sent += chunk.length;
        answer.write(chunk);
      }, 2);
      answer.once('close', () => clearInterval(timer));
    });
    expect(await statusOf(`http://127.0.0.1:${flood}/`, 60_000)).toBe(200);
    expect(sent).toBeGreaterThan(64 * 1024);
    expect(sent).toBeLessThan(512 * 1024);
    const drip = await served((_request, answer) => {
      const timer = setInterval(() => answer.write('x'), 10);
      answer.once('close', () => clearInterval(timer));
    });
    await expect(statusOf(`http://127.0.0.1:${drip}/`, 200)).rejects.toThrow();
    const mute = await listening(
      createTcpServer((socket) => socket.resume().once('error', () => undefined)),
      '127.0.0.1',
    );
    await expect(statusOf(`http://127.0.0.1:${mute}/`, 200)).rejects.toThrow('no answer in 200 ms');
  });
});

describe('the address behind a name', () => {
  test.each([
    ['169.254.169.254', 'metadata.example', 'is no address of an API'],
    ['169.254.1.1', '169.254.1.1', 'is no address of an API'],
    ['::ffff:169.254.169.254', '::ffff:a9fe:a9fe', 'is no address of an API'],
    ['fe80::1', 'control1', 'is no address of an API'],
    ['0.0.0.0', 'control1', 'is no address of an API'],
    ['224.0.0.1', 'control1', 'is no address of an API'],
    [
      '127.0.1.1',
      'control1',
      'control1 is 127.0.1.1, this machine itself; write that address where it is meant',
    ],
    ['::1', 'control1', 'control1 is ::1, this machine itself; write that address where it is meant'],
  ])('%s for %s is not connected to', (address, host, why) => {
    expect(whyNot(address, host)).toContain(why);
  });

  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['127.0.0.1', 'localhost'],
    ['::1', '::1'],
    ['192.0.2.11', 'control1'],
    ['10.0.0.5', 'control1'],
    ['2001:db8::5', 'control1'],
  ])('%s for %s is', (address, host) => {
    expect(whyNot(address, host)).toBeUndefined();
  });

  test('is looked up once, and that one is connected to', async () => {
    const found = await new Promise((resolve, reject) =>
      pinnedLookup('localhost', {}, (error, address) => (error ? reject(error) : resolve(address))),
    );
    expect(['127.0.0.1', '::1']).toContain(found);
    await expect(
      new Promise((resolve, reject) =>
        pinnedLookup('no-such-host.invalid', {}, (error, address) =>
          error ? reject(error) : resolve(address),
        ),
      ),
    ).rejects.toThrow(/ENOTFOUND|EAI_AGAIN/);
  });
});
