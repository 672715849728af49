import { afterAll, beforeAll, expect, test } from 'vitest';
import { ARCHIVE_CAP } from '../../src/engine/archive.js';
import { describeUnless } from '../setup/left-out.js';
import { failureOf } from './contract-bench.js';
import { realDocker } from './real-docker.js';

const real = await realDocker('archive');

describeUnless(
  'leftOut' in real ? real.leftOut : undefined,
  'archives of a real Docker Engine that are too large',
  () => {
    if ('leftOut' in real) return;
    const { engine } = real;
    let id = '';

    beforeAll(async () => {
      const Image = await real.image('large', ['CMD ["sleep", "600"]', 'STOPSIGNAL SIGKILL']);
      id = await engine.create(real.name('large'), {
        body: { Image, HostConfig: { NetworkMode: 'none' } },
        connect: [],
      });
      await engine.start(id);
    });
    afterAll(() => real.cleanUp());

    test('are refused as soon as they are too large, and the engine answers on', async () => {
      const sparse = ['truncate', '-s', '4G', '/data/large'];
      expect(await engine.exec(id, sparse, 10_000)).toMatchObject({ exitCode: 0 });
      const began = performance.now();
      expect(await failureOf(engine.readArchive(id, '/data'))).toMatchObject({
        unknown: false,
        message: expect.stringContaining(`more than ${ARCHIVE_CAP} bytes lie there`),
      });
      expect(performance.now() - began).toBeLessThan(8_000);
      expect((await engine.inspect(id))?.State.Running).toBe(true);
    });

    test('are not sent at all', async () => {
      const failure = await failureOf(engine.writeArchive(id, '/data', Buffer.alloc(ARCHIVE_CAP + 1)));
      expect(failure).toMatchObject({ unknown: false });
    });
  },
);
