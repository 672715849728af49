import { afterEach, describe, expect, it } from 'vitest';
import { agreed, SPOKEN } from '../../src/engine/api-version.js';
import { type Answer, type Asked, type FakeEngine, failureOf, fakeEngine, json } from './fake-engine.js';

const ID = 'a'.repeat(64);

let fake: FakeEngine | undefined;
afterEach(async () => {
  await fake?.close();
  fake = undefined;
});

type Range = { readonly least: string; readonly most: string };

const minorOf = (version: string | undefined): number => Number(version?.split('.')[1]);

/** As Docker does it (api/server/middleware/version.go): a request without a version is one for its newest. */
const gate =
  (range: () => Range, answer: Answer): Answer =>
  (response, asked) => {
    const { least, most } = range();
    const version = asked.version ?? most;
    const refuse = (message: string) => json(400, { message })(response, asked);
    if (minorOf(version) < minorOf(least))
      return refuse(
        `client version ${version} is too old. Minimum supported API version is ${least}, please upgrade your client to a newer version`,
      );
    if (minorOf(version) > minorOf(most))
      return refuse(`client version ${version} is too new. Maximum supported API version is ${most}`);
    return answer(response, asked);
  };

/** An engine that speaks a range of versions, and can be exchanged for another while the program runs. */
const speaking = async (first: Range) => {
  let now = first;
  const made: string[] = [];
  const version: Answer = (response, asked) =>
    json(200, { Version: '1.2.3', ApiVersion: now.most, MinAPIVersion: now.least })(response, asked);
  const create: Answer = (response, asked: Asked) => {
    made.push(asked.version ?? 'none');
    json(201, { Id: ID })(response, asked);
  };
  fake = await fakeEngine({
    'GET /version': version,
    'GET /info': gate(() => now, json(200, { Name: 'box' })),
    'POST /containers/create': gate(() => now, create),
  });
  const { engine, asked } = fake;
  return {
    engine,
    asked,
    made,
    become: (next: Range) => {
      now = next;
    },
  };
};

const SPEC = { body: { Image: 'i' }, connect: [] };

describe('the version of the Engine API', () => {
  it.each([
    ['Docker 20.10', { least: '1.12', most: '1.41' }, '1.41'],
    ['Docker 26.1', { least: '1.24', most: '1.45' }, '1.45'],
    ['Docker 28.5', { least: '1.24', most: '1.51' }, '1.51'],
    ['Docker 29', { least: '1.44', most: '1.53' }, '1.51'],
  ])('that is spoken with %s is the newest that both speak', async (_name, range, version) => {
    const { engine, made } = await speaking(range);
    await engine.create('c', SPEC);
    expect(made).toEqual([version]);
    expect(await engine.info()).toMatchObject({ apiVersion: version, newestApiVersion: range.most });
  });

  it('is asked for once, not before each call', async () => {
    const { engine, asked } = await speaking({ least: '1.24', most: '1.45' });
    await engine.create('c', SPEC);
    await engine.create('d', SPEC);
    expect(asked.filter(({ url }) => url === '/version')).toHaveLength(1);
  });

  it('is agreed on anew when the engine was exchanged for one that refuses the old one, and the call is made', async () => {
    const { engine, made, become } = await speaking({ least: '1.12', most: '1.41' });
    await engine.create('c', SPEC);
    become({ least: '1.44', most: '1.53' });
    await engine.create('d', SPEC);
    expect(made).toEqual(['1.41', '1.51']);
  });

  it('is agreed on anew when the engine was set back to an older one', async () => {
    const { engine, made, become } = await speaking({ least: '1.24', most: '1.51' });
    await engine.create('c', SPEC);
    become({ least: '1.24', most: '1.45' });
    await engine.create('d', SPEC);
    expect(made).toEqual(['1.51', '1.45']);
  });

  it.each([
    [
      'an engine that is too new',
      { least: '1.60', most: '1.70' },
      `fake: create c: the engine speaks API 1.60 to 1.70 and Stackswap ${SPOKEN.oldest} to ${SPOKEN.newest}, so nothing was asked of it. Set "min-api-version": "${SPOKEN.newest}" in its daemon.json if it still can, or use a newer Stackswap.`,
    ],
    [
      'an engine that is too old',
      { least: '1.12', most: '1.39' },
      `fake: create c: the engine speaks API 1.12 to 1.39 and Stackswap ${SPOKEN.oldest} to ${SPOKEN.newest}, so nothing was asked of it. Upgrade it to Docker 20.10 or newer.`,
    ],
  ])('that both speak does not exist with %s: it is refused, for good', async (_name, range, message) => {
    const { engine, made } = await speaking(range);
    const failure = await failureOf(engine.create('c', SPEC));
    expect(failure).toMatchObject({ unknown: false, status: 400, message });
    expect(made).toEqual([]);
    await failureOf(engine.info());
  });

  it('is not refused for want of a minimum, which Podman does not tell', () => {
    expect(agreed('h', 'c', { ApiVersion: '1.41' })).toBe('1.41');
    expect(agreed('h', 'c', { ApiVersion: '1.41', MinAPIVersion: '' })).toBe('1.41');
  });
});
