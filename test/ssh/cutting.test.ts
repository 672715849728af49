import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/port.js';
import {
  type Answer,
  type Asked,
  type FakeEngine,
  failureOf,
  fakeEngine,
  json,
  lines,
} from '../engine/fake-engine.js';
import { aContainer, anImage } from '../engine/inspect-builder.js';
import { describeUnless } from '../setup/left-out.js';
import { reached } from './reached.js';
import { type Sshd, sshMissing, startSshd, until } from './sshd.js';

const DIGEST = `sha256:${'d'.repeat(64)}`;
const ID = 'a'.repeat(64);

/** Every call of the port; a new one does not compile until it stands here. */
const CALLS: Record<Exclude<keyof Engine, 'host'>, (engine: Engine) => Promise<unknown>> = {
  info: (engine) => engine.info(),
  list: (engine) => engine.list(),
  inspect: (engine) => engine.inspect('c'),
  image: (engine) => engine.image('i'),
  hasVolume: (engine) => engine.hasVolume('v'),
  resolve: (engine) => engine.resolve('i'),
  pull: (engine) => engine.pull('r/i:1', DIGEST),
  create: (engine) => engine.create('c', { body: {}, connect: [{ network: 'n', endpoint: {} }] }),
  start: (engine) => engine.start('c'),
  stop: (engine) => engine.stop('c', 1),
  rename: (engine) => engine.rename('c', 'd'),
  setRestartPolicy: (engine) => engine.setRestartPolicy('c', { Name: 'no', MaximumRetryCount: 0 }),
  remove: (engine) => engine.remove('c'),
  exec: (engine) => engine.exec('c', ['true'], 5_000),
  wait: (engine) => engine.wait('c', 5_000),
  logs: (engine) => engine.logs('c', 10),
  readArchive: (engine) => engine.readArchive('c', '/etc/kolla'),
  writeArchive: (engine) => engine.writeArchive('c', '/etc/kolla', Buffer.alloc(1_024)),
};

/** A moment in an exchange at which the connection is cut: the request came in, or half of the answer went out. */
type Cut = { readonly request: number; readonly after: 'asking' | 'half the answer' };

const image = { ...anImage(), RepoTags: ['r/i:1'], RepoDigests: [`r/i@${DIGEST}`] };
const frame = Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 3]), Buffer.from('hi\n')]);
const bytes =
  (body: Buffer): Answer =>
  (response) =>
    response.writeHead(200).end(body);
const done: Answer = (response) => response.writeHead(204).end();

const ANSWERS: Record<string, Answer> = {
  'GET /version': json(200, { Version: '20.10.24', ApiVersion: '1.41' }),
  'GET /info': json(200, { Name: 'box' }),
  'GET /containers/json': json(200, []),
  'GET /containers/c/json': json(200, aContainer()),
  'GET /images/i/json': json(200, image),
  'GET /images/r/i:1/json': json(200, image),
  'GET /volumes/v': json(200, { Name: 'v' }),
  'GET /distribution/i/json': json(200, { Descriptor: { digest: DIGEST } }),
  'POST /images/create': lines({ status: 'Pulling' }, { status: 'Done' }),
  [`POST /images/r/i@${DIGEST}/tag`]: json(201, {}),
  'POST /containers/create': json(201, { Id: ID }),
  'POST /networks/n/connect': json(200, {}),
  'POST /containers/c/start': done,
  'POST /containers/c/stop': done,
  'POST /containers/c/rename': done,
  'POST /containers/c/update': json(200, { Warnings: null }),
  'DELETE /containers/c': done,
  'POST /containers/c/exec': json(201, { Id: 'e1' }),
  'POST /exec/e1/start': bytes(frame),
  'GET /exec/e1/json': json(200, { Running: false, ExitCode: 0 }),
  'POST /containers/c/wait': json(200, { StatusCode: 0 }),
  'GET /containers/c/logs': bytes(frame),
  'GET /containers/c/archive': bytes(Buffer.alloc(1_024)),
  'PUT /containers/c/archive': json(200, {}),
};

/** Answers all requests but the one at which the connection is cut. Pings are no requests of a call. */
const cutter = (cut: () => void) => {
  let moment: Cut | undefined;
  let requests = 0;
  const halve = (socket: Socket | null) => {
    socket?.write(
      'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{"Id":"',
      () => setTimeout(cut, 30),
    );
  };
  const wrap =
    (answer: Answer): Answer =>
    (response, asked: Asked) => {
      requests += 1;
      if (requests !== moment?.request) return answer(response, asked);
      if (moment.after === 'asking') cut();
      else halve(response.socket);
    };
  return {
    wrap,
    arm: (next: Cut | undefined) => {
      moment = next;
      requests = 0;
    },
    requests: () => requests,
  };
};

describeUnless(sshMissing(), 'an SSH connection that is cut', () => {
  let sshd: Sshd;
  let fake: FakeEngine;
  const moments = cutter(() => sshd.cut());
  beforeAll(async () => {
    sshd = await startSshd();
    const answers = Object.entries(ANSWERS).map(([request, answer]) => [request, moments.wrap(answer)]);
    fake = await fakeEngine({ ...Object.fromEntries(answers), 'GET /_ping': json(200, 'OK') });
  });
  afterAll(() => Promise.all([sshd.remove(), fake.close()]));

  describe.each(Object.entries(CALLS))('in the middle of %s', (_name, call) => {
    it('leaves the outcome unknown, wherever it is cut, and the next call goes over a new one', async () => {
      const env = { DOCKER_CONFIG: sshd.folder };
      const { engine } = reached(sshd, { socket: fake.socketPath, options: { env } });
      // The first call of an engine also asks which API it speaks.
      await call(engine);
      moments.arm(undefined);
      await call(engine);
      const requests = moments.requests();
      expect(requests).toBeGreaterThan(0);
      for (let request = 1; request <= requests; request += 1)
        for (const after of ['asking', 'half the answer'] as const) {
          const before = sshd.accepted();
          moments.arm({ request, after });
          const failure = await failureOf(call(engine));
          expect(failure).toMatchObject({ host: 'control1', unknown: true, status: undefined });
          moments.arm(undefined);
          await call(engine);
          await until('one new connection', () => sshd.accepted() === before + 1);
        }
    }, 60_000);
  });

  it('is named as the cause', async () => {
    const { engine } = reached(sshd, { socket: fake.socketPath });
    moments.arm({ request: 1, after: 'asking' });
    const { message } = await failureOf(engine.start('c'));
    expect(message).toMatch(
      /^control1: start: .*\(the SSH connection ended: Connection to 127.0.0.1 closed by remote/,
    );
    moments.arm(undefined);
  });

  it('fails all calls that are under way, and one new connection serves all that follow', async () => {
    const { engine } = reached(sshd, { socket: fake.socketPath });
    await engine.list();
    const before = sshd.accepted();
    moments.arm({ request: 3, after: 'asking' });
    const ends = await Promise.allSettled([engine.stop('c', 9), engine.start('c'), engine.rename('c', 'd')]);
    expect(ends.map(({ status }) => status)).toContain('rejected');
    moments.arm(undefined);
    await Promise.all([engine.list(), engine.list(), engine.info()]);
    await until('one new connection', () => sshd.accepted() === before + 1);
  });
});
