import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SERVICES } from '../../src/catalogue/index.js';
import type { Read } from '../../src/catalogue/readiness.js';
import type { ReadyReport } from '../../src/probes/report.js';
import { askerOf, requestOf, SHORT_MS, verdicts, whyOf } from './cloud.js';
import { type FakeOpenStack, type FakeRow, fakeOpenStack } from './fake-openstack.js';

let fake: FakeOpenStack;
beforeEach(async () => {
  fake = await fakeOpenStack();
  fake.knobs.rows = [
    row('cinder-scheduler', 'ctl1'),
    row('cinder-volume', 'ctl1@lvm'),
    row('cinder-volume', 'ctl2@lvm'),
  ];
});
afterEach(() => fake.close());

const row = (binary: string, host: string, change: Partial<FakeRow> = {}): FakeRow => ({
  binary,
  host,
  state: 'up',
  status: 'enabled',
  updated_at: '2026-11-22T10:00:00.000000',
  ...change,
});

/** Every process beats at every look, by a clock of its own that is years away. */
const everybodyBeats = (rows: FakeRow[]): void => {
  for (const one of rows) {
    beats += 1_000;
    one.updated_at = new Date(Date.parse('2001-01-01') + beats).toISOString().slice(0, -1);
  }
};
let beats = 0;

const VOLUMES = 'volumes listed';
const MINE = 'cinder-volume on ctl1@lvm up';

describe('an API that was swapped', () => {
  const api = () => ({ api: fake.urls.cinder });

  test('is ready when each read has the answer of that service', async () => {
    const reports = await Promise.all([
      askerOf(fake)(requestOf('cinder_api', api())),
      askerOf(fake)(requestOf('glance_api', { api: fake.urls.glance })),
      askerOf(fake)(requestOf('placement_api', { api: fake.urls.placement })),
    ]);
    expect(reports.map(({ ready }) => ready)).toEqual([true, true, true]);
    expect(reports.map(verdicts)).toEqual([
      [
        'volumes listed: well',
        'storage pools known to the scheduler: well',
        'volume services listed: well',
        'cinder-scheduler on ctl1 up: well',
        'cinder-volume on ctl1@lvm up: well',
        'cinder-volume on ctl2@lvm up: well',
      ],
      ['images listed: well'],
      ['resource providers read: well'],
    ]);
  });

  test('is asked at its own address and not where the catalogue sends clients', async () => {
    fake.catalogue.volumev3 = 'http://127.0.0.1:9/v3/p';
    expect((await askerOf(fake)(requestOf('cinder_api', api()))).ready).toBe(true);
  });

  test.each([
    [
      503,
      'waiting',
      'answers 503 ("The server is currently unavailable. Please try again at a later time.")',
    ],
    [500, 'waiting', expect.stringContaining('answers 500')],
    [401, 'waiting', 'answers 401 ("The request you have made requires authentication.")'],
    [404, 'ill', 'answers 404 ("The resource could not be found.")'],
    ['hang', 'waiting', 'gives no answer in 0.25 s'],
    ['cut', 'waiting', 'cuts the connection'],
    ['redirect', 'ill', 'answers 302'],
    ['page', 'ill', 'answers 200 without `volumes`: something else answers there'],
  ] as const)(
    'is not ready where it answers %s, while its health check says 200',
    async (mode, verdict, why) => {
      fake.knobs.cinder = mode;
      expect((await fetch(`${fake.urls.cinder}/healthcheck`)).status).toBe(200);
      const timeoutMs = mode === 'hang' ? SHORT_MS : 5_000;
      const report = await askerOf(fake, { timeoutMs })(requestOf('cinder_api', api()));
      expect([report.ready, report.unasked]).toEqual([false, undefined]);
      expect(report.asked.find(({ what }) => what === VOLUMES)).toEqual({ what: VOLUMES, verdict, why });
    },
  );

  test('is ready again as soon as it answers, with a new token where the old one was refused', async () => {
    const ask = askerOf(fake);
    expect((await ask(requestOf('cinder_api', api()))).ready).toBe(true);
    fake.tokens.clear();
    expect((await ask(requestOf('cinder_api', api()))).ready).toBe(false);
    expect((await ask(requestOf('cinder_api', api()))).ready).toBe(true);
  });

  test('needs every process that was up to be up still, and asks nothing of one that was down', async () => {
    fake.knobs.rows.push(row('cinder-backup', 'ctl9', { state: 'down' }));
    const ask = askerOf(fake);
    const before = await ask(requestOf('cinder_api', { ...api(), when: 'before' }));
    expect((await ask(requestOf('cinder_api', { ...api(), before }))).ready).toBe(true);
    const [scheduler] = fake.knobs.rows;
    if (scheduler) scheduler.state = 'down';
    const after = await ask(requestOf('cinder_api', { ...api(), before }));
    expect(after.ready).toBe(false);
    expect(verdicts(after)).toContain('cinder-scheduler on ctl1 up: waiting');
    expect(verdicts(after)).toContain('cinder-backup on ctl9 up: excused');
  });

  test('misses a process that is not listed any more', async () => {
    const ask = askerOf(fake);
    const before = await ask(requestOf('cinder_api', { ...api(), when: 'before' }));
    fake.knobs.rows.pop();
    const after = await ask(requestOf('cinder_api', { ...api(), before }));
    expect([after.ready, whyOf(after, 'cinder-volume on ctl2@lvm up')]).toEqual([
      false,
      'it is not listed any more',
    ]);
  });

  test('does not wait for a process that nobody knew before', async () => {
    const ask = askerOf(fake);
    const before = await ask(requestOf('cinder_api', { ...api(), when: 'before' }));
    fake.knobs.rows.push(row('cinder-volume', 'ctl3@new', { state: 'down' }));
    const after = await ask(requestOf('cinder_api', { ...api(), before }));
    expect([after.ready, verdicts(after).join().includes('ctl3')]).toEqual([true, false]);
  });

  test('needs a scheduler that knows pools, which a fresh one does not at once', async () => {
    const ask = askerOf(fake);
    const before = await ask(requestOf('cinder_api', { ...api(), when: 'before' }));
    fake.knobs.pools = [];
    const after = await ask(requestOf('cinder_api', { ...api(), before }));
    expect(whyOf(after, 'storage pools known to the scheduler')).toBe('answers 200, and `pools` is empty');
    expect(after.ready).toBe(false);
  });
});

describe('what was not well before', () => {
  test('is not required after: a user without the role loses those questions, not the upgrade', async () => {
    fake.knobs.admin = 403;
    const ask = askerOf(fake);
    const before = await ask(requestOf('cinder_api', { api: fake.urls.cinder, when: 'before' }));
    expect(before.ready).toBe(false);
    const after = await ask(requestOf('cinder_api', { api: fake.urls.cinder, before }));
    expect(after.ready).toBe(true);
    expect(verdicts(after)).toEqual([
      'volumes listed: well',
      'storage pools known to the scheduler: excused',
      'volume services listed: excused',
    ]);
  });

  test('is everything where the password was wrong already, and a good cloud is then ready', async () => {
    fake.knobs.password = 'changed by somebody';
    const ask = askerOf(fake);
    const asked = { api: fake.urls.cinder };
    const before = await ask(requestOf('cinder_api', { ...asked, when: 'before' }));
    expect(before.unasked).toBe(
      `no token from ${fake.urls.keystone}: it answers 401 ("The request you have made requires authentication.")`,
    );
    const after = await ask(requestOf('cinder_api', { ...asked, before }));
    expect([after.ready, after.unasked]).toEqual([true, undefined]);
  });

  test('stays required where it was well', async () => {
    const ask = askerOf(fake);
    const before = await ask(requestOf('glance_api', { api: fake.urls.glance, when: 'before' }));
    fake.knobs.glance = 503;
    expect((await ask(requestOf('glance_api', { api: fake.urls.glance, before }))).ready).toBe(false);
  });
});

describe('a cloud that cannot be asked', () => {
  test('is told from a container that is not ready: keystone issues no token', async () => {
    const ask = askerOf(fake);
    const before = await ask(requestOf('glance_api', { api: fake.urls.glance, when: 'before' }));
    fake.knobs.keystone = 503;
    fake.knobs.glance = 503;
    await ask(requestOf('glance_api', { api: fake.urls.glance, before }));
    const after = await ask(requestOf('glance_api', { api: fake.urls.glance, before }));
    expect(after.ready).toBe(false);
    expect(after.unasked).toContain('answers 503');
  });

  test('has no endpoint of that interface or region', async () => {
    const report = await askerOf(fake, { region: 'RegionTwo' })(requestOf('glance_api'));
    expect(report.unasked).toBe('keystone’s catalogue has no public endpoint of glance in RegionTwo');
  });
});

describe('a worker that was swapped', () => {
  test('is ready once its own heartbeat moved, whatever any clock says', async () => {
    const ask = askerOf(fake);
    fake.knobs.skewMs = -86_400_000;
    fake.knobs.beat = everybodyBeats;
    const before = await ask(requestOf('cinder_volume', { when: 'before' }));
    expect(verdicts(before)).toContain(`${MINE}: well`);
    const first = await ask(requestOf('cinder_volume', { before }));
    expect([first.ready, whyOf(first, MINE)]).toEqual([
      false,
      expect.stringContaining('no new heartbeat so far'),
    ]);
    const second = await ask(requestOf('cinder_volume', { before }));
    expect(second.ready).toBe(true);
    expect(whyOf(second, MINE)).toMatch(
      /^its heartbeat moved from 2001-.* by its own clock, under the new container; the service tells no version$/,
    );
  });

  test('is not ready while its heartbeat stands still, though cinder still says up', async () => {
    const ask = askerOf(fake);
    fake.knobs.beat = (rows) => everybodyBeats(rows.filter(({ host }) => host !== 'ctl1@lvm'));
    const before = await ask(requestOf('cinder_volume', { when: 'before' }));
    const reports: ReadyReport[] = [];
    for (let round = 0; round < 4; round += 1)
      reports.push(await ask(requestOf('cinder_volume', { before })));
    expect(reports.map(({ ready }) => ready)).toEqual([false, false, false, false]);
  });

  test('is judged by its own host’s heartbeat, under the host’s other name too', async () => {
    fake.knobs.rows = [
      row('cinder-volume', 'node-a.example@lvm'),
      row('cinder-volume', 'node-b.example@lvm'),
    ];
    fake.knobs.beat = (rows) => everybodyBeats(rows.filter(({ host }) => host.startsWith('node-a')));
    const ask = askerOf(fake);
    const mine = { names: ['node-a'] };
    await ask(requestOf('cinder_volume', mine));
    const report = await ask(requestOf('cinder_volume', mine));
    expect(verdicts(report)).toContain('cinder-volume on node-a.example@lvm up: well');
    expect(verdicts(report).join()).not.toContain('node-b');
  });

  test('counts by every heartbeat of a name that hosts share, as with Ceph', async () => {
    fake.knobs.rows = [row('cinder-volume', 'rbd:volumes@rbd-1')];
    fake.knobs.beat = everybodyBeats;
    const ask = askerOf(fake);
    await ask(requestOf('cinder_volume'));
    expect((await ask(requestOf('cinder_volume'))).ready).toBe(true);
  });

  test('is asked of another host’s API where the front door does not answer', async () => {
    fake.catalogue.volumev3 = 'http://127.0.0.1:9/v3/p';
    fake.knobs.beat = everybodyBeats;
    const ask = askerOf(fake, { apis: ['http://127.0.0.1:9', fake.urls.cinder] });
    await ask(requestOf('cinder_scheduler'));
    expect((await ask(requestOf('cinder_scheduler'))).ready).toBe(true);
  });

  test('cannot be asked where no API answers at all', async () => {
    fake.catalogue.volumev3 = 'http://127.0.0.1:9/v3/p';
    const report = await askerOf(fake)(requestOf('cinder_scheduler'));
    expect([report.ready, report.unasked]).toEqual([false, 'http://127.0.0.1:9 refuses connections']);
  });

  test('starts its count anew with each swap', async () => {
    fake.knobs.beat = everybodyBeats;
    const ask = askerOf(fake);
    await ask(requestOf('cinder_volume'));
    expect((await ask(requestOf('cinder_volume', { since: '2026-11-22T11:00:00.000Z' }))).ready).toBe(false);
  });
});

describe('keystone', () => {
  const at = () => ({ api: fake.urls.keystone });
  const EARLIER = 'a token from before the swap still valid';

  test('is ready when it issues a token, validates it, and knows the one from before', async () => {
    const ask = askerOf(fake);
    const before = await ask(requestOf('keystone', { ...at(), when: 'before' }));
    const after = await ask(requestOf('keystone', { ...at(), before }));
    expect([before.ready, after.ready]).toEqual([true, true]);
    expect(verdicts(after)).toEqual([
      'a token issued: well',
      'that token validated: well',
      `${EARLIER}: well`,
    ]);
  });

  test('is not ready where earlier tokens are lost, and quotes none of them', async () => {
    const ask = askerOf(fake);
    const before = await ask(requestOf('keystone', { ...at(), when: 'before' }));
    const [token = ''] = fake.tokens.keys();
    fake.tokens.clear();
    const after = await ask(requestOf('keystone', { ...at(), before }));
    expect(verdicts(after)).toContain(`${EARLIER}: ill`);
    expect(JSON.stringify(after)).not.toContain(token);
  });

  test('is not blamed for a token that ran out by keystone’s own clock', async () => {
    fake.knobs.skewMs = 7_200_000;
    fake.knobs.ttlMs = 40;
    const ask = askerOf(fake);
    const before = await ask(requestOf('keystone', { ...at(), when: 'before' }));
    // The header Date has whole seconds.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    fake.knobs.ttlMs = 3_600_000;
    const after = await ask(requestOf('keystone', { ...at(), before }));
    expect([after.ready, whyOf(after, EARLIER)]).toEqual([true, 'it has run out by itself meanwhile']);
  });

  test('does without the earlier token where the bot was started again', async () => {
    const before = await askerOf(fake)(requestOf('keystone', { ...at(), when: 'before' }));
    const after = await askerOf(fake)(requestOf('keystone', { ...at(), before }));
    expect([after.ready, verdicts(after)[2]]).toEqual([true, `${EARLIER}: excused`]);
  });

  test.each([503, 'hang', 'page'] as const)('is not ready where it answers %s', async (mode) => {
    const ask = askerOf(fake, { timeoutMs: mode === 'hang' ? SHORT_MS : 5_000 });
    const before = await ask(requestOf('keystone', { ...at(), when: 'before' }));
    fake.knobs.keystone = mode;
    const after = await ask(requestOf('keystone', { ...at(), before }));
    expect([after.ready, after.unasked]).toEqual([false, undefined]);
  });
});

test('a container with no question of its own is ready and says nothing', async () => {
  const report = await askerOf(fake)(requestOf('keystone_fernet', { service: 'keystone' }));
  expect([report.ready, report.asked]).toEqual([true, []]);
});

test('no answer ever holds the password or a token', async () => {
  const ask = askerOf(fake);
  const reports: ReadyReport[] = [];
  for (const mode of ['well', 401, 503, 'page'] as const) {
    fake.knobs.cinder = mode;
    fake.knobs.keystone = mode;
    reports.push(await ask(requestOf('cinder_api', { api: fake.urls.cinder })));
    reports.push(await ask(requestOf('keystone', { api: fake.urls.keystone })));
  }
  const text = JSON.stringify(reports);
  expect(text).not.toContain('correct-horse');
  expect(text).not.toContain('gAAAAAB');
});

test('every question of the catalogue is one that the fake cloud was asked', async () => {
  const asked = ['keystone', 'glance', 'placement', 'cinder'].map((name) =>
    SERVICES.find((one) => one.name === name),
  );
  const reads = asked.flatMap((service): readonly Read[] => service?.ready?.reads ?? []);
  expect(asked.every((service) => service?.ready)).toBe(true);
  await askerOf(fake)(requestOf('cinder_api', { api: fake.urls.cinder }));
  await askerOf(fake)(requestOf('glance_api', { api: fake.urls.glance }));
  await askerOf(fake)(requestOf('placement_api', { api: fake.urls.placement }));
  const paths = fake.received.map(({ url }) => url.replace(/\/v3\/[0-9a-f]{32}/, '/v3/{project}'));
  expect(reads.map(({ path }) => path).filter((path) => !paths.includes(path))).toEqual([]);
});
