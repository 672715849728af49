import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildApp } from '../../src/build-app.js';
import { freePorts } from '../../src/demo/free-port.js';
import { createLog } from '../../src/log.js';
import { redactor } from '../../src/redact.js';
import type { RunEvent } from '../../src/run/event.js';
import type { Journal } from '../../src/run/journal.js';
import type { Run } from '../../src/run/run.js';
import { watchInvariants } from '../../src/sim/invariants.js';
import type { KollaRelease } from '../../src/sim/kolla-image.js';
import type { AskRequest, AskService } from '../../src/steps/context.js';
import { memoryJournal } from '../../src/store/memory.js';
import { type FakeOpenStack, fakeOpenStack, PASSWORD } from '../openstack-api/fake-openstack.js';
import { type KollaScene, kollaCloud } from '../sim/kolla.js';
import { ANN, BOB, cinderCloud, PATIENCE, running, upgradeTo, withoutPorts } from './scene.js';

const GOOD: readonly KollaRelease[] = [{ id: '2025.1' }, { id: '2025.2' }];
const LYING: readonly KollaRelease[] = [{ id: '2025.1' }, { id: '2025.2', kind: 'lies' }];

let fake: FakeOpenStack;
let folder: string;
const scenes: KollaScene[] = [];
beforeEach(async () => {
  fake = await fakeOpenStack();
  folder = await mkdtemp(join(tmpdir(), 'stackswap-ready-'));
});
afterEach(async () => {
  for (const { cloud } of scenes.splice(0)) await cloud.close();
  await fake.close();
  await rm(folder, { recursive: true });
});

const writeClouds = (password = PASSWORD): Promise<void> =>
  writeFile(
    join(folder, 'clouds.yaml'),
    JSON.stringify({
      clouds: {
        test: { auth: { auth_url: fake.urls.keystone, username: 'a', password, project_name: 'a' } },
      },
    }),
    { mode: 0o600 },
  );

/** Cinder with a port of its own; keystone is the fake one, whose catalogue leads clients to it. */
const world = async (releases = GOOD) => {
  const [port = 0] = await freePorts(1);
  const scene = await kollaCloud({
    services: ['cinder'],
    prepulled: true,
    serve: true,
    releases,
    ports: { cinder: port },
    config: { health: { interval: '2ms', successes: 2, minimum: '0ms', deadline: '400ms' } },
  });
  scenes.push(scene);
  fake.catalogue.volumev3 = `http://127.0.0.1:${port}/v3/p`;
  await writeClouds();
  return { scene, journal: memoryJournal(), watch: watchInvariants(scene.cloud) };
};

const logged: string[] = [];
const log = createLog({
  level: 'debug',
  redact: redactor(),
  destination: { write: (line: string) => logged.push(line) },
});

const bornOver = async (scene: KollaScene, journal: Journal) => {
  const app = await buildApp({
    config: { ...scene.config, clouds_yaml: { file: join(folder, 'clouds.yaml'), cloud: 'test' } },
    log,
    redactor: redactor(),
    journal,
    engines: scene.engines(),
    patience: PATIENCE,
  });
  await app.recover();
  return app;
};

const kinds = async (journal: Journal, id: string): Promise<readonly RunEvent[]> =>
  (await journal.eventsOf(id)).map(({ event }) => event);

const answers = (run: Run): readonly (string | undefined)[] =>
  run.steps.flatMap(({ ready }) => (ready ? [`${ready.container} ${ready.ready}`] : []));

describe('with a clouds.yaml', () => {
  test('every swap ends with the service’s own answers, and so does the upgrade', async () => {
    const { scene, journal } = await world();
    const app = await bornOver(scene, journal);
    const run = await upgradeTo(app, '2025.2');
    expect([run.phase, run.asked?.why, run.notes]).toEqual(['upgraded', undefined, []]);
    expect(answers(run)).toEqual(['cinder_scheduler true', 'cinder_volume true', 'cinder_api true']);
    expect(run.readyAtEnd?.map(({ host, container, ready }) => `${container} on ${host}: ${ready}`)).toEqual([
      'cinder_scheduler on node1: true',
      'cinder_volume on node1: true',
      'cinder_api on node1: true',
      'cinder on the front door: true',
    ]);
    expect(run.plan.asks?.[0]).toBe(
      'After the swap of cinder_api, straight at it and before a load balancer gets it back: volumes listed, storage pools known to the scheduler, every worker that was up still up.',
    );
    expect(run.plan.findings.map(({ code }) => code)).not.toContain('cloud-not-asked');
    await app.finalize(BOB, run.id);
    expect((await app.settled(run.id)).phase).toBe('finalized');
    const ready = (await kinds(journal, run.id)).filter((event) => event.kind === 'ready');
    expect(ready.map(({ part }) => part)).toEqual([
      ...['steps', 'steps', 'steps'],
      ...['finalize', 'finalize', 'finalize'],
    ]);
  });

  test('a release whose health check lies is caught right after its swap, and rolled back', async () => {
    const { scene, journal, watch } = await world(LYING);
    const app = await bornOver(scene, journal);
    const run = await upgradeTo(app, '2025.2');
    expect(run.phase).toBe('rolled-back');
    expect(run.rollback?.why).toMatch(
      /^cinder_api on node1 is healthy but not ready after .* s \(volumes listed: answers 503 \("The server is currently unavailable/,
    );
    expect(new Set(Object.values(await running(scene)))).toEqual(new Set(['2025.1']));
    expect(run.readyBack?.map(({ ready }) => ready)).toEqual([true, true, true, true]);
    expect(watch.violations).toEqual([]);
    expect(await watch.atRest()).toEqual([]);
  });

  test('a worker that is healthy and does not beat is rolled back', async () => {
    const { scene, journal } = await world();
    const app = await bornOver(scene, journal);
    scene.cloud.database.set('silent cinder-volume', '2026-11-22T10:00:00.000000');
    const run = await upgradeTo(app, '2025.2');
    expect(run.phase).toBe('rolled-back');
    expect(run.rollback?.why).toMatch(
      /cinder_volume on node1 is healthy but not ready .*cinder-volume on node1@lvm up: no new heartbeat so far/,
    );
  });

  test('a wrong password is a warning of the plan and a note, and rolls nothing back', async () => {
    const { scene, journal } = await world();
    await writeClouds('outdated');
    const app = await bornOver(scene, journal);
    const run = await upgradeTo(app, '2025.2');
    const [finding] = run.plan.findings.filter(({ code }) => code === 'cloud-not-asked');
    expect(finding?.text).toBe(
      `The cloud cannot be asked: no token from ${fake.urls.keystone}: it answers 401 ("The request you have made requires authentication.").`,
    );
    expect(run.phase).toBe('upgraded');
    expect(run.notes.map(({ text }) => text)).toEqual([
      expect.stringContaining('Before the first swap not everything answered well, and that is not required'),
    ]);
  });

  test('a clouds.yaml that cannot be used is logged and a finding, and the bot starts, upgrades and goes back', async () => {
    const { scene, journal } = await world();
    await rm(join(folder, 'clouds.yaml'));
    logged.length = 0;
    const app = await bornOver(scene, journal);
    expect(logged.filter((line) => line.includes('cannot be asked'))).toEqual([
      expect.stringMatching(/clouds\.yaml: ENOENT.*clouds_yaml\.file must name a readable clouds\.yaml/),
    ]);
    const run = await upgradeTo(app, '2025.2');
    expect(run.phase).toBe('upgraded');
    expect(
      run.plan.findings.filter(({ code }) => code === 'cloud-not-asked').map(({ text }) => text),
    ).toEqual([expect.stringMatching(/^The cloud cannot be asked: .*clouds\.yaml: ENOENT/)]);
    await app.rollback(BOB, run.id, undefined);
    expect((await app.settled(run.id)).phase).toBe('rolled-back');
    expect(new Set(Object.values(await running(scene)))).toEqual(new Set(['2025.1']));
  });

  test('a clouds.yaml that was mended is used without another start', async () => {
    const { scene, journal } = await world();
    await rm(join(folder, 'clouds.yaml'));
    const app = await bornOver(scene, journal);
    await writeClouds();
    const run = await upgradeTo(app, '2025.2');
    expect(run.plan.findings.map(({ code }) => code)).not.toContain('cloud-not-asked');
    expect(answers(run)).toEqual(['cinder_scheduler true', 'cinder_volume true', 'cinder_api true']);
  });

  test('a keystone that goes away meanwhile makes the run ask, and a resume goes on', async () => {
    const { scene, journal } = await world();
    const app = await bornOver(scene, journal);
    const { id } = await app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
    const stop = app.subscribe(() => {
      if (!app.run(id).readyBefore) return;
      stop();
      fake.knobs.keystone = 503;
      fake.tokens.clear();
      // The sim does not look at tokens: an API that cannot validate them answers 503, as cinder does then.
      scene.cloud.database.set('silent cinder-scheduler', 'x');
    });
    await app.approve(BOB, id);
    const paused = await app.settled(id);
    expect([paused.phase, paused.asked?.choices]).toEqual(['paused', ['resume', 'rollback']]);
    expect(paused.asked?.why).toMatch(
      /cinder cannot be asked whether it is ready: no token from .* answers 503/,
    );
    fake.knobs.keystone = 'well';
    scene.cloud.database.delete('silent cinder-scheduler');
    await app.resume(ANN, id);
    expect((await app.settled(id)).phase).toBe('upgraded');
  });

  test('what fails at the end is put to people once, and a resume goes on in spite of it', async () => {
    const { scene, journal } = await world();
    // The front door is another place than the API on the host.
    fake.catalogue.volumev3 = `${fake.urls.cinder}/v3/p`;
    let beats = 0;
    fake.knobs.rows = ['cinder-scheduler', 'cinder-volume'].map((binary) => ({
      binary,
      host: 'node1',
      state: 'up',
      status: 'enabled',
      updated_at: null,
    }));
    fake.knobs.beat = (rows) => {
      beats += 1;
      for (const row of rows) row.updated_at = `beat ${beats}`;
    };
    const app = await bornOver(scene, journal);
    const { id } = await app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
    const stop = app.subscribe(() => {
      if (app.run(id).compared.length === 0) return;
      stop();
      fake.knobs.cinder = 404;
    });
    await app.approve(BOB, id);
    const paused = await app.settled(id);
    expect([paused.phase, paused.asked?.choices]).toEqual(['paused', ['resume', 'rollback']]);
    expect(paused.asked?.why).toMatch(
      /^Every container is swapped and healthy, and cinder is not ready when it is asked at the end\..*the front door: volumes listed: answers 404/,
    );
    expect((await running(scene)).cinder_api).toBe('2025.2');
    await app.resume(ANN, id);
    expect((await app.settled(id)).phase).toBe('upgraded');
  });
});

/** An answer for every container, each well but for those of `bad`; what was asked, in order. */
const scripted = (bad: (request: AskRequest) => boolean = () => false) => {
  const asked: string[] = [];
  const askService: AskService = async (request) => {
    asked.push(`${request.when} ${request.container}`);
    const ready = !bad(request);
    const verdict = ready ? ('well' as const) : ('waiting' as const);
    const { host, container } = request;
    return {
      host,
      container,
      ready,
      tookMs: 1,
      asked: [{ what: 'volumes listed', verdict, why: 'so it is' }],
    };
  };
  return { askService, asked };
};

const quietWorld = async (askService: AskService) => {
  const scene = withoutPorts(
    await cinderCloud({
      services: ['cinder'],
      config: { health: { interval: '1ms', successes: 1, minimum: '0ms', deadline: '50ms' } },
    }),
  );
  const kept = memoryJournal();
  const watch = watchInvariants(scene.cloud);
  const born = async (journal: Journal = kept) => {
    const engines = scene.engines();
    const app = await buildApp({
      ...{
        config: scene.config,
        log,
        redactor: redactor(),
        journal,
        engines,
        patience: PATIENCE,
        askService,
      },
    });
    await app.recover();
    return app;
  };
  return { scene, kept, watch, born };
};

describe('the process dies around an answer', () => {
  const ANSWERS: readonly RunEvent['kind'][] = ['services-asked', 'ready'];

  /** Ends with its process at the nth answer, before or after that is written. */
  const mortal = (
    kept: Journal,
    scene: KollaScene,
    at: { nth: number; when: 'before' | 'after' },
  ): Journal => {
    let count = 0;
    return {
      ...kept,
      append: async (run, event) => {
        if (scene.cloud.crashed) return scene.cloud.crash('with its journal');
        count += ANSWERS.includes(event.kind) ? 1 : 0;
        const due = ANSWERS.includes(event.kind) && count === at.nth;
        if (due && at.when === 'before') scene.cloud.crash('before an answer');
        await kept.append(run, event);
        if (due && at.when === 'after') scene.cloud.crash('after an answer');
      },
    };
  };

  test.each([1, 2, 3, 4, 5])(
    'answer %i: it is asked again where it has to be, and ends well',
    async (nth) => {
      for (const when of ['before', 'after'] as const) {
        const { askService } = scripted();
        const { scene, kept, watch, born } = await quietWorld(askService);
        const dying = await born(mortal(kept, scene, { nth, when }));
        await upgradeTo(dying, '2025.2').catch((error: unknown) => {
          if (!(error instanceof Error) || error.name !== 'SimulatedCrash') throw error;
        });
        expect(scene.cloud.crashed).toBe(true);
        scene.cloud.nextLife();
        const app = await born();
        const [id = ''] = Object.keys(kept.state().runs);
        await app.resume(ANN, id);
        const run = await app.settled(id);
        expect([run.phase, run.readyBefore?.length, run.readyAtEnd?.length]).toEqual(['upgraded', 4, 4]);
        expect(watch.violations).toEqual([]);
        expect(await watch.atRest()).toEqual([]);
      }
    },
  );
});

test('a roll back that is asked for while a service is not ready comes through at once', async () => {
  const { askService } = scripted(({ when, entry }) => when === 'after' && entry === 'cinder_volume');
  const { scene, born } = await quietWorld(askService);
  Object.assign(scene.config.health, { deadline: 600_000 });
  const app = await born();
  const { id } = await app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  const stop = app.subscribe(() => {
    const volume = app
      .run(id)
      .plan.steps.findIndex((s) => s.kind === 'swap' && s.old.entry === 'cinder_volume');
    if (!app.run(id).steps[volume]?.health) return;
    stop();
    void app.rollback(BOB, id);
  });
  await app.approve(BOB, id);
  expect((await app.settled(id)).phase).toBe('rolled-back');
  expect((await running(scene)).cinder_volume).toBe('2025.1');
});

test('without a clouds.yaml nothing is asked and nothing is said of it', async () => {
  const { scene, journal } = await world();
  const app = await buildApp({
    config: scene.config,
    log,
    redactor: redactor(),
    journal,
    engines: scene.engines(),
    patience: PATIENCE,
  });
  const run = await upgradeTo(app, '2025.2');
  expect([run.phase, run.plan.asks, run.readyBefore]).toEqual(['upgraded', undefined, undefined]);
  expect(fake.received).toEqual([]);
});

test('neither the journal nor the log holds the password or a token', async () => {
  const { scene, journal } = await world(LYING);
  const app = await bornOver(scene, journal);
  const run = await upgradeTo(app, '2025.2');
  const text = JSON.stringify(await kinds(journal, run.id)) + logged.join('\n');
  expect(text).toContain('volumes listed');
  expect(text).not.toContain(PASSWORD);
  expect(text).not.toContain('gAAAAAB-fake');
});
