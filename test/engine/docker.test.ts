import { afterEach, describe, expect, it } from 'vitest';
import type { DockerOptions } from '../../src/engine/docker.js';
import type { Engine } from '../../src/engine/port.js';
import {
  type Answer,
  cutInBody,
  type FakeEngine,
  failureOf,
  fakeEngine,
  garbage,
  hang,
  json,
  reset,
} from './fake-engine.js';

const ID = 'a'.repeat(64);

let fake: FakeEngine | undefined;
afterEach(() => fake?.close());

const answering = async (
  answers: Record<string, Answer>,
  options: Partial<DockerOptions> = {},
): Promise<FakeEngine> => {
  fake = await fakeEngine(answers, options);
  return fake;
};

/** Every call of the port, and the requests behind it. */
const CALLS: readonly (readonly [
  name: string,
  requests: readonly string[],
  call: (engine: Engine) => Promise<unknown>,
])[] = [
  ['info', ['GET /version', 'GET /info'], (engine) => engine.info()],
  ['list', ['GET /containers/json'], (engine) => engine.list()],
  ['inspect', ['GET /containers/c/json'], (engine) => engine.inspect('c')],
  ['image', ['GET /images/i/json'], (engine) => engine.image('i')],
  ['resolve', ['GET /distribution/i/json'], (engine) => engine.resolve('i')],
  ['pull', ['POST /images/create'], (engine) => engine.pull('r/i:1')],
  [
    'create',
    ['POST /containers/create'],
    (engine) => engine.create('c', { body: { Image: 'i' }, connect: [] }),
  ],
  ['start', ['POST /containers/c/start'], (engine) => engine.start('c')],
  ['stop', ['POST /containers/c/stop'], (engine) => engine.stop('c', 0)],
  ['rename', ['POST /containers/c/rename'], (engine) => engine.rename('c', 'd')],
  [
    'setRestartPolicy',
    ['POST /containers/c/update'],
    (engine) => engine.setRestartPolicy('c', { Name: 'no', MaximumRetryCount: 0 }),
  ],
  ['remove', ['DELETE /containers/c'], (engine) => engine.remove('c')],
  ['exec', ['POST /containers/c/exec'], (engine) => engine.exec('c', ['true'], 400)],
  ['wait', ['POST /containers/c/wait'], (engine) => engine.wait('c', 400)],
];

const allAnswer = (requests: readonly string[], answer: Answer) =>
  Object.fromEntries(requests.map((request) => [request, answer]));

describe('an engine that does not answer as it should', () => {
  const wrongs = { hangs: hang, 'hangs up': reset, 'cuts its answer': cutInBody } as const;
  for (const [wrong, answer] of Object.entries(wrongs))
    it.each(CALLS)(
      `that ${wrong} fails %s in time, with the outcome unknown`,
      async (_name, requests, call) => {
        const { engine } = await answering(allAnswer(requests, answer));
        const started = performance.now();
        expect(await failureOf(call(engine))).toMatchObject({ host: 'fake', unknown: true });
        expect(performance.now() - started).toBeLessThan(2_000);
      },
    );

  it.each(
    CALLS.filter(([name]) => !['start', 'stop', 'rename', 'setRestartPolicy', 'remove'].includes(name)),
  )('that sends garbage fails %s, with the outcome unknown', async (_name, requests, call) => {
    const { engine } = await answering(allAnswer(requests, garbage));
    expect(await failureOf(call(engine))).toMatchObject({ unknown: true });
  });

  it.each(CALLS)('that answers 500 leaves the outcome of %s unknown', async (_name, requests, call) => {
    const { engine } = await answering(allAnswer(requests, json(500, { message: 'disk on fire' })));
    const failure = await failureOf(call(engine));
    expect(failure).toMatchObject({ unknown: true, status: 500 });
    expect(failure.message).toContain('disk on fire');
  });

  it.each(CALLS)('that answers 409 says clearly that %s did nothing', async (_name, requests, call) => {
    const { engine } = await answering(allAnswer(requests, json(409, { message: 'in conflict' })));
    expect(await failureOf(call(engine))).toMatchObject({ unknown: false, status: 409 });
  });

  it('leaves the outcome open while it carries out an earlier removal of the same container', async () => {
    const message = 'removal of container c is already in progress';
    const { engine } = await answering({ 'DELETE /containers/c': json(409, { message }) });
    expect(await failureOf(engine.remove('c'))).toMatchObject({ unknown: true, status: 409 });
  });

  it('is an error with its outcome unknown when nobody listens', async () => {
    const { engine, close } = await answering({});
    await close();
    fake = undefined;
    expect(await failureOf(engine.list())).toMatchObject({ unknown: true });
  });
});

describe('the answers of an engine', () => {
  it('name neither a container nor an image that is not there', async () => {
    const { engine } = await answering({});
    expect(await engine.inspect('nobody')).toBeUndefined();
    expect(await engine.image('nobody:1')).toBeUndefined();
  });

  it('count a started container as started and a stopped one as stopped', async () => {
    const unchanged: Answer = (response) => response.writeHead(304).end();
    const { engine } = await answering({
      'POST /containers/c/start': unchanged,
      'POST /containers/c/stop': unchanged,
    });
    await expect(engine.start('c')).resolves.toBeUndefined();
    await expect(engine.stop('c', 3)).resolves.toBeUndefined();
  });

  it('list the container’s own name, not those of links', async () => {
    const listed = [{ Id: ID, Names: ['/web/db', '/db'], ImageID: 'sha256:1', State: 'running' }];
    const { engine } = await answering({ 'GET /containers/json': json(200, listed) });
    expect(await engine.list()).toEqual([{ id: ID, name: 'db', imageId: 'sha256:1', state: 'running' }]);
  });

  it('are refused when a created container has no id', async () => {
    const { engine } = await answering({ 'POST /containers/create': json(201, { Warnings: [] }) });
    expect(await failureOf(engine.create('c', { body: {}, connect: [] }))).toMatchObject({ unknown: true });
  });

  it('leave a create unknown when a further network refuses the container', async () => {
    const { engine } = await answering({ 'POST /containers/create': json(201, { Id: ID }) });
    const failure = await failureOf(
      engine.create('c', { body: {}, connect: [{ network: 'n', endpoint: {} }] }),
    );
    expect(failure).toMatchObject({ unknown: true, status: 404 });
    expect(failure.message).toContain('the container was created');
  });

  it('never carry the configuration in an address', async () => {
    const { engine, asked } = await answering({ 'POST /containers/create': json(201, { Id: ID }) });
    await engine.create('c', { body: { Image: 'i', Env: ['PASSWORD=hunter2'] }, connect: [] });
    expect(asked[0]?.url).toBe('/containers/create?name=c');
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ Image: 'i', Env: ['PASSWORD=hunter2'] });
  });

  it('are asked to keep the volumes of a removed container, and never by force', async () => {
    const { engine, asked } = await answering({
      'DELETE /containers/c': (response) => response.writeHead(204).end(),
    });
    await engine.remove('c');
    const query = new URLSearchParams(asked[0]?.url.split('?')[1]);
    expect([query.get('v'), query.get('force')]).toEqual(['false', 'false']);
  });
});
