import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, type FakeEngine, failureOf, fakeEngine, json, lines } from './fake-engine.js';

const DIGEST = `sha256:${'d'.repeat(64)}`;

let fake: FakeEngine | undefined;
afterEach(() => fake?.close());

const answering = async (answers: Record<string, Answer>): Promise<FakeEngine> => {
  fake = await fakeEngine(answers);
  return fake;
};

describe('a pull', () => {
  const image = { Id: 'sha256:1', RepoTags: ['r/i:1'], RepoDigests: [`r/i@${DIGEST}`] };

  it('fails on an error inside an answer with status 200', async () => {
    const { engine } = await answering({
      'POST /images/create': lines(
        { status: 'Pulling' },
        { errorDetail: { message: 'manifest unknown' }, error: 'manifest unknown' },
      ),
      'GET /images/r/i:1/json': json(200, image),
    });
    const failure = await failureOf(engine.pull('r/i:1'));
    expect(failure.message).toContain('manifest unknown');
    expect(failure.unknown).toBe(false);
  });

  it('fails on an error in a last line without its end', async () => {
    const { engine } = await answering({
      'POST /images/create': lines({ status: 'Pulling' }, '{"error":"no space left on device"}'),
      'GET /images/r/i:1/json': json(200, image),
    });
    expect((await failureOf(engine.pull('r/i:1'))).message).toContain('no space left');
  });

  it('fails when the stream is cut, or falls silent', async () => {
    const cut: Answer = (response) => {
      response.writeHead(200).write('{"status":"Pulling"}\n', () => setTimeout(() => response.destroy(), 20));
    };
    const silent: Answer = (response) => void response.writeHead(200).write('{"status":"Pulling"}\n');
    const first = await answering({ 'POST /images/create': cut, 'GET /images/r/i:1/json': json(200, image) });
    expect(await failureOf(first.engine.pull('r/i:1'))).toMatchObject({ unknown: true });
    await first.close();
    const second = await answering({ 'POST /images/create': silent });
    expect((await failureOf(second.engine.pull('r/i:1'))).message).toContain('not one byte within 400 ms');
  });

  it('goes on as long as bytes come, beyond the silence that it bears', async () => {
    const slow: Answer = (response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('{"status":"Downloading"}\n'), 100);
      setTimeout(() => {
        clearInterval(timer);
        response.end();
      }, 900);
    };
    const { engine } = await answering({
      'POST /images/create': slow,
      'GET /images/r/i:1/json': json(200, image),
    });
    expect((await engine.pull('r/i:1')).Id).toBe('sha256:1');
  });

  it('by digest pulls the manifest, tags it, and checks that the image carries it', async () => {
    const tagged: Answer = (response) => response.writeHead(201).end();
    const answers = {
      'POST /images/create': lines({ status: 'Done' }),
      [`POST /images/r/i@${DIGEST}/tag`]: tagged,
      'GET /images/r/i:1/json': json(200, image),
    };
    const { engine, asked } = await answering(answers);
    expect((await engine.pull('r/i:1', DIGEST)).Id).toBe('sha256:1');
    expect(new URLSearchParams(asked[0]?.url.split('?')[1]).get('tag')).toBe(DIGEST);
    expect(JSON.parse(asked[1]?.body ?? '')).toEqual({ repo: 'r/i', tag: '1' });
    await fake?.close();
    const moved = { ...answers, 'GET /images/r/i:1/json': json(200, { ...image, RepoDigests: [] }) };
    const other = await answering(moved);
    expect((await failureOf(other.engine.pull('r/i:1', DIGEST))).message).toContain('does not carry');
  });
});
