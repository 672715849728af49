import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { MASK, redactor } from '../../src/redact.js';
import { virtualClock } from '../../src/sim/clock.js';
import { watchInvariants } from '../../src/sim/invariants.js';
import { say } from '../../src/steps/index.js';
import { memoryJournal } from '../../src/store/memory.js';
import { configuredCloud, filesOn, removeRendered } from './configured.js';
import { onlyRun } from './mishaps.js';
import { ANN, BOB, bornOver, running, upgradeTo } from './scene.js';

afterAll(removeRendered);

const world = async (options: Parameters<typeof configuredCloud>[0] = {}) => {
  const configured = await configuredCloud(options);
  const { scene } = configured;
  const journal = memoryJournal();
  const watch = watchInvariants(scene.cloud, { mayRemove: ({ name }) => name.includes('__prev_') });
  return { ...configured, watch, journal, life: await bornOver(scene, journal) };
};

const releasesOn = (files: Record<string, string>): string[] => [
  ...new Set(Object.values(files).flatMap((text) => /--release ([\d.]+)/.exec(text)?.[1] ?? [])),
];

const helpers = async (scene: Awaited<ReturnType<typeof world>>['scene']): Promise<string[]> =>
  (await scene.cloud.operator('node1').list())
    .map(({ name }) => name)
    .filter((name) => name.includes('__conf_'))
    .sort();

describe('an upgrade with the configuration of the target release', () => {
  test('installs it at each swap, migrates with it, and keeps the old one', async () => {
    const { scene, life, watch } = await world();
    const before = filesOn(scene);
    const run = await upgradeTo(life.app, '2025.2');
    expect([run.phase, run.why]).toEqual(['upgraded', undefined]);
    expect(releasesOn(filesOn(scene))).toEqual(['2025.2']);
    expect(filesOn(scene)['/etc/kolla/cinder-api/uwsgi.ini']).toBe(
      '640 42400:42400 [uwsgi]\nprocesses = 5\n',
    );
    expect(filesOn(scene)['/etc/kolla/cinder-volume/cinder.conf']).toMatch(/^660 42400:42400 /);
    expect(Object.keys(before).every((path) => path in filesOn(scene))).toBe(true);
    expect(await helpers(scene)).toHaveLength(3);
    expect(run.plan.steps.map((step) => say(step, run.plan)).join('\n')).toMatch(
      /with the target’s configuration of its own(.|\n)*2025.1 → 2025.2, with the target’s configuration in \/etc\/kolla\/cinder-api. Stop/,
    );
    expect([watch.violations, await watch.atRest()]).toEqual([[], []]);
  });

  test('performs what was approved, though a password in it is spelled like a container', async () => {
    const { scene, rendered } = await configuredCloud({ systemd: true, clock: virtualClock() });
    const file = join(rendered, '2025.2/node1/cinder-api/cinder.conf');
    appendFileSync(
      file,
      '[keystone_authtoken]\npassword = cinder\n[database]\npassword = cinder_scheduler\n',
    );
    const redact = redactor();
    redact.learn(['cinder-manage', 'kolla-cinder_api', 'config_files']);
    const life = await bornOver(scene, memoryJournal({ redact }), { redactor: redact });
    const run = await upgradeTo(life.app, '2025.2');
    expect([run.phase, run.why]).toEqual(['upgraded', undefined]);
    expect(JSON.stringify(run.plan.steps)).not.toContain(MASK);
    expect(redact.redact('cinder_scheduler')).toBe(MASK);
  });

  test('waits for a rendering that is under way, and from its approval on nothing is rendered anew', async () => {
    const { scene, rendered } = await configuredCloud({ services: ['cinder', 'placement'] });
    const script = `cd ${rendered}; echo x >> count; [ -e slow ] || exit 0; touch began; until [ -e go ]; do sleep 0.02; done`;
    const target_config = {
      folder: join(rendered, '{release}/{host}'),
      command: ['sh', '-c', script],
      timeout: 60_000,
    };
    const { app } = await bornOver({ ...scene, config: { ...scene.config, target_config } }, memoryJournal());
    const { id } = await app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
    writeFileSync(join(rendered, 'slow'), '');
    const plan = () => app.plan(ANN, { service: 'placement', to: '2025.2', overrides: {} });
    const plans = Promise.all([plan(), plan()]);
    await vi.waitFor(() => expect(existsSync(join(rendered, 'began'))).toBe(true), 10_000);
    await app.approve(BOB, id);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(app.run(id).phase).toBe('approved');
    writeFileSync(join(rendered, 'go'), '');
    expect((await app.settled(id)).phase).toBe('upgraded');
    const codes = (await plans).map(({ findings }) => findings.map(({ code }) => code));
    expect(codes.filter((all) => all.includes('config-not-rendered'))).toHaveLength(1);
    expect(readFileSync(join(rendered, 'count'), 'utf8')).toBe('x\nx\n');
  });

  test('puts the old one back at roll back, byte for byte, with owner and mode', async () => {
    const { scene, life, watch } = await world();
    const before = filesOn(scene);
    const { id } = await upgradeTo(life.app, '2025.2');
    await life.app.rollback(BOB, id);
    const run = await life.app.settled(id);
    expect([run.phase, run.notes]).toEqual(['rolled-back', []]);
    const { '/etc/kolla/cinder-api/uwsgi.ini': added, ...after } = filesOn(scene);
    expect(after).toEqual(before);
    expect(added).toBeDefined();
    expect(await helpers(scene)).toEqual([]);
    expect([watch.violations, await watch.atRest()]).toEqual([[], []]);
  });

  test('asks nobody to remove what it keeps until it is over', async () => {
    const { scene, life } = await world();
    const { id } = await upgradeTo(life.app, '2025.2');
    const leftovers = async (app: typeof life.app): Promise<readonly string[]> =>
      (await app.status(ANN, 'cinder'))
        .flatMap(({ findings }) => findings)
        .filter(({ code }) => code === 'leftover')
        .map(({ text }) => text);
    expect(await helpers(scene)).toHaveLength(3);
    expect(await leftovers(life.app)).toEqual([]);
    const stranger = await bornOver(scene, memoryJournal());
    expect(await leftovers(stranger.app)).toContain(
      `cinder_api__conf_${id} of an earlier run is still on node1.`,
    );
  });

  test('needs its helper containers until Finalize, which removes them', async () => {
    const { scene, life, watch } = await world();
    const { id } = await upgradeTo(life.app, '2025.2');
    await life.app.finalize(BOB, id);
    const run = await life.app.settled(id);
    expect([run.phase, await helpers(scene), releasesOn(filesOn(scene))]).toEqual([
      'finalized',
      [],
      ['2025.2'],
    ]);
    expect([watch.violations, await watch.atRest()]).toEqual([[], []]);
  });

  test('goes back by itself when the new version does not become well, with the old configuration', async () => {
    const { scene, life, watch } = await world({
      releases: [{ id: '2025.1' }, { id: '2025.2', kind: 'never-healthy' }],
    });
    const before = filesOn(scene);
    const run = await upgradeTo(life.app, '2025.2');
    expect(run.phase).toBe('rolled-back');
    const { '/etc/kolla/cinder-api/uwsgi.ini': _added, ...after } = filesOn(scene);
    expect(after).toEqual(before);
    expect([...new Set(Object.values(await running(scene)))]).toEqual(['2025.1']);
    expect([watch.violations, await watch.atRest()]).toEqual([[], []]);
  });

  test('installs nothing of a newer build of the same release', async () => {
    const { scene, life } = await world({ releases: [{ id: '2025.2' }], prepulled: true });
    scene.rebuild('2025.2', '0202');
    const before = filesOn(scene);
    const run = await upgradeTo(life.app, '2025.2');
    expect([run.phase, await helpers(scene)]).toEqual(['upgraded', []]);
    expect(filesOn(scene)).toEqual(before);
  });
});

describe('what was approved is what is installed', () => {
  const swapsOnce = async (
    change: (rendered: string, scene: Awaited<ReturnType<typeof world>>['scene']) => void,
  ) => {
    const { scene, rendered, life, watch } = await world();
    const { id } = await life.app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
    change(rendered, scene);
    await life.app.approve(BOB, id);
    const run = await life.app.settled(id);
    return { run, scene, watch };
  };

  test('a rendered file that was changed after the plan makes it stale, and nothing is touched', async () => {
    const { run, scene } = await swapsOnce((rendered) =>
      writeFileSync(join(rendered, '2025.2/node1/cinder-api/cinder.conf'), '[DEFAULT]\nx = 1\n'),
    );
    expect([run.phase, releasesOn(filesOn(scene)), scene.cloud.calls]).toEqual(['voided', ['2025.1'], []]);
  });

  test('so does a file of the host', async () => {
    const { run } = await swapsOnce((_rendered, { cloud }) => {
      const { files } = cloud.host('node1');
      const file = files.get('/etc/kolla/cinder-api/cinder.conf');
      if (file) files.set('/etc/kolla/cinder-api/cinder.conf', { ...file, mode: 0o600 });
    });
    expect(run.phase).toBe('voided');
  });

  test('a folder that vanishes in the middle of a run is found out before anything of that host is stopped', async () => {
    const { scene, rendered, life, watch } = await world();
    const before = filesOn(scene);
    scene.cloud.onCall(({ call, detail }) => {
      if (call === 'create' && detail) rmSync(join(rendered, '2025.2'), { recursive: true, force: true });
    });
    const run = await upgradeTo(life.app, '2025.2');
    expect(run.phase).toBe('rolled-back');
    expect(scene.cloud.calls.filter(({ call }) => call === 'stop')).toEqual([]);
    expect(filesOn(scene)).toEqual(before);
    expect([watch.violations, await watch.atRest()]).toEqual([[], []]);
  });

  test('a folder that is changed in the middle of a run is not installed on the hosts that are left', async () => {
    const { scene, rendered, life } = await world();
    const [last] = ['cinder-api'];
    scene.cloud.onCall(({ call }) => {
      if (call === 'stop') writeFileSync(join(rendered, `2025.2/node1/${last}/cinder.conf`), 'x = 1\n');
    });
    const run = await upgradeTo(life.app, '2025.2');
    expect(run.phase).toBe('rolled-back');
    expect(run.rollback?.why).toContain('was changed since the plan was approved');
    expect(releasesOn(filesOn(scene))).toEqual(['2025.1']);
  });

  test('a host’s folder that somebody changes in the middle of a run is left as they made it', async () => {
    const { scene, life } = await world();
    const path = '/etc/kolla/cinder-api/cinder.conf';
    const { files } = scene.cloud.host('node1');
    scene.cloud.onCall(({ call }) => {
      const file = files.get(path);
      if (call === 'stop' && file) files.set(path, { ...file, content: Buffer.from('by hand') });
    });
    const run = await upgradeTo(life.app, '2025.2');
    expect([run.phase, run.rollback?.why]).toEqual([
      'rolled-back',
      expect.stringContaining('/etc/kolla/cinder-api of cinder_api on node1 was changed'),
    ]);
    expect(filesOn(scene)[path]).toContain('by hand');
  });

  test('a vanished folder hinders neither the swap under way nor going back', async () => {
    const { scene, rendered, life } = await world();
    const before = filesOn(scene);
    scene.cloud.onCall(({ call }) => {
      if (call === 'stop') rmSync(join(rendered, '2025.2'), { recursive: true, force: true });
    });
    const run = await upgradeTo(life.app, '2025.2');
    expect(run.phase).toBe('rolled-back');
    const { '/etc/kolla/cinder-api/uwsgi.ini': _added, ...after } = filesOn(scene);
    expect(after).toEqual(before);
  });

  test('going back is refused where the kept configuration is gone', async () => {
    const { scene, life } = await world();
    const { id } = await upgradeTo(life.app, '2025.2');
    const [helper = ''] = await helpers(scene);
    await scene.cloud.operator('node1').remove(helper);
    await expect(life.app.rollback(BOB, id)).rejects.toThrow(
      /the kept configuration of .* is gone from node1/,
    );
    expect([...new Set(Object.values(await running(scene)))]).toEqual(['2025.2']);
  });
});

test('no secret of a configuration is in the journal', async () => {
  const { journal, life } = await world();
  await upgradeTo(life.app, '2025.2');
  const text = JSON.stringify(await journal.eventsOf(onlyRun(journal).id));
  expect(text).toContain('~ [database] connection = [redacted], changed');
  expect(text).not.toMatch(/PW-2025/);
});
