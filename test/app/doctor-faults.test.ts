import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type Engine, EngineError, type EngineInfo } from '../../src/engine/port.js';
import { reasonOf } from '../../src/engine/ssh-reason.js';
import { unitOf } from '../../src/engine/units.js';
import { memoryJournal } from '../../src/store/memory.js';
import { eventsTo } from '../builders.js';
import type { KollaScene } from '../sim/kolla.js';
import {
  doctorOn,
  findings,
  putFile,
  RUNNING,
  said,
  sceneOf,
  unitsOfAll,
  unitsWith,
} from './doctor-scene.js';

const PLACEMENT = unitOf('placement_api');

const onlyPlacement = (options: object = {}): Promise<KollaScene> =>
  sceneOf({ services: ['placement'], ...options });

const telling =
  (change: (info: EngineInfo) => Partial<EngineInfo>) =>
  (engine: Engine): Engine => ({
    ...engine,
    info: async () => {
      const info = await engine.info();
      return { ...info, ...change(info) };
    },
  });

const idOf = async (scene: KollaScene, name: string): Promise<string> => {
  const found = (await scene.cloud.operator('node1').list()).find((one) => one.name === name);
  if (!found) throw new Error(`there is no ${name}`);
  return found.id;
};

/** A further container on node1, made from the image of one that is there. */
const addContainer = async (
  scene: KollaScene,
  name: string,
  { like = 'placement_api', start = false } = {},
): Promise<void> => {
  const engine = scene.cloud.operator('node1');
  const image = (await engine.inspect(like))?.Config.Image;
  const body = { Image: image, HostConfig: { NetworkMode: 'none' } };
  const id = await engine.create(name, { body, connect: [] });
  if (start) await engine.start(id);
};

describe('the engine', () => {
  test.each([
    ['1.39', 'mend: The engine speaks API 1.39; 1.40 or newer is needed.'],
    ['1.41', 'well: The engine is spoken to in API 1.41.'],
    [
      '1.52',
      'know: The engine speaks API 1.52, newer than those that Stackswap was made for; it is spoken to in 1.51.',
    ],
  ])('with API %s: %s', async (apiVersion, wanted) => {
    const report = await doctorOn(await onlyPlacement(), { engine: telling(() => ({ apiVersion })) });
    expect(said(report, 'api-version')).toEqual([wanted]);
  });

  test('that is Podman is said to be one, and is not judged by Docker’s numbers', async () => {
    const parts = [{ name: 'Podman Engine', version: '4.9.3', build: '' }];
    const report = await doctorOn(await onlyPlacement(), {
      engine: telling(() => ({ version: '4.9.3', parts })),
    });
    expect([said(report, 'engine'), said(report, 'holes')]).toEqual([
      ['know: The engine is Podman 4.9.3.'],
      [],
    ]);
  });

  test.each([
    [
      'no such identity: /etc/stackswap/id: No such file or directory',
      'the key file /etc/stackswap/id cannot be used (No such file or directory).',
      'Give ssh.key a readable key.',
    ],
    [
      'ssh: connect to host node1 port 22: Connection refused',
      'ssh: connect to host node1 port 22: Connection refused.',
      'The machine answers and no sshd listens there: start it (`systemctl status ssh`), or mend address and port in the hosts file.',
    ],
    [
      'ssh: Could not resolve hostname node1: Name or service not known',
      'ssh: Could not resolve hostname node1: Name or service not known.',
      'This machine does not know that name: correct the address in the hosts file, or the name service here.',
    ],
    [
      'Host key verification failed.',
      'the host key could not be verified.',
      expect.stringContaining('Compare it on the host’s own console'),
    ],
  ])('that SSH cannot reach (%s) is told with SSH’s own way out', async (stderr, why, wayOut) => {
    const unreached = new EngineError('node1', 'version', reasonOf(stderr), false);
    const report = await doctorOn(await onlyPlacement(), {
      host: { engine: 'ssh://bot@node1' },
      engine: (engine) => ({ ...engine, info: () => Promise.reject(unreached) }),
    });
    expect(findings(report)).toEqual([
      expect.objectContaining({ what: `The engine does not answer (ssh bot@node1): ${why}`, wayOut }),
    ]);
  });

  test('that answers slowly is told, since a swap’s gap holds four calls', async () => {
    const report = await doctorOn(await onlyPlacement(), {
      engine: (engine) => ({
        ...engine,
        info: async () => {
          await new Promise((resolve) => setTimeout(resolve, 520));
          return engine.info();
        },
      }),
    });
    expect(said(report, 'reach')).toEqual([
      expect.stringMatching(/^know: The engine took \d+ ms to answer\.$/),
    ]);
  });
});

describe('the clock', () => {
  const ahead = (ms: number) => telling(() => ({ systemTime: new Date(Date.now() + ms).toISOString() }));

  test.each([
    [1_000, /^well: /],
    [5_000, /^know: The host’s clock is [45]\.\d s ahead of ours\.$/],
    [-60_000, /^mend: The host’s clock is (59|60)\.\d s behind ours\.$/],
  ])('%d ms away', async (ms, wanted) => {
    const report = await doctorOn(await onlyPlacement(), { engine: ahead(ms) });
    expect(said(report, 'clock')).toEqual([expect.stringMatching(wanted)]);
  });
});

describe('free space', () => {
  test('that is too little is to be mended', async () => {
    const scene = await onlyPlacement();
    scene.cloud.host('node1').diskFreeBytes = 1024 ** 3;
    expect(said(await doctorOn(scene), 'disk')).toEqual([
      'mend: 1.0 GiB are free (/var/lib/docker), and 3 GiB are wanted for new images.',
    ]);
  });

  test('that cannot be asked is unknown', async () => {
    const scene = await onlyPlacement();
    await scene.cloud.operator('node1').stop(await idOf(scene, 'placement_api'), 1);
    expect(said(await doctorOn(scene), 'disk')).toEqual([
      'know: Free space is unknown: no container runs in which df could be asked.',
    ]);
  });
});

test('a container of the catalogue that does not run is to be mended', async () => {
  const scene = await onlyPlacement();
  await scene.cloud.operator('node1').stop(await idOf(scene, 'placement_api'), 1);
  expect(said(await doctorOn(scene), 'health')).toEqual(['mend: placement_api is exited with code 143.']);
});

describe('units', () => {
  const unowned = () => onlyPlacement({ restartPolicy: 'no' });

  test('that cannot be reached cost 11 s for each container', async () => {
    const [first] = findings(await doctorOn(await unowned())).filter(({ code }) => code === 'units');
    expect(first).toMatchObject({
      level: 'know',
      what: 'systemd is not reached on this host, and placement_api has no restart policy: units own it, most likely.',
      why: expect.stringContaining('about 11 s more gap'),
      wayOut: expect.stringContaining('Give the host ssh'),
    });
  });

  test('that own the containers and run are well', async () => {
    const report = await doctorOn(await unowned(), { units: unitsOfAll(['placement_api']) });
    expect(said(report, 'units')).toEqual(['well: 1 unit is enabled and active.']);
  });

  test('beside a restart policy are two writers', async () => {
    const report = await doctorOn(await onlyPlacement(), { units: unitsOfAll(['placement_api']) });
    expect(said(report, 'two-writers')).toEqual([
      'mend: placement_api has a unit of systemd and a restart policy of the engine.',
    ]);
  });

  test('that are not there leave a container without a policy to nobody', async () => {
    const report = await doctorOn(await unowned(), { units: unitsOfAll([]) });
    expect(said(report, 'nobody-starts')).toEqual([
      'mend: placement_api has neither a unit of systemd nor a restart policy.',
    ]);
  });

  test('that the hosts file denies leave it to nobody, too', async () => {
    const report = await doctorOn(await unowned(), { host: { supervisor: 'none' } });
    expect(said(report, 'nobody-starts')).toEqual([
      'mend: The host says supervisor: none, and placement_api has no restart policy.',
    ]);
  });

  test('that the hosts file promises and that are not there are told', async () => {
    const report = await doctorOn(await onlyPlacement(), {
      host: { supervisor: 'systemd' },
      units: unitsOfAll([]),
    });
    expect(said(report, 'unit-missing')).toEqual([
      'know: The host says supervisor: systemd, and placement_api has no unit.',
    ]);
  });

  test.each([
    [{ activeState: 'failed' as const }, 'unit-inactive', 'placement_api runs, and its unit is not active.'],
    [{ enabled: false }, 'unit-disabled', `${PLACEMENT} is not enabled.`],
    [
      { restartSeconds: 1, stopSeconds: 10 },
      'unit-restarts-fast',
      `${PLACEMENT} starts a stopped container again in less than 3 s.`,
    ],
  ])('with %j are to be mended', async (state, code, what) => {
    const units = unitsWith({ [PLACEMENT]: { ...RUNNING, ...state } });
    expect(said(await doctorOn(await unowned(), { units }), code)).toEqual([`mend: ${what}`]);
  });

  test('that the bot may only look at are to be mended', async () => {
    const units = {
      ...unitsOfAll(['placement_api']),
      forbidden: async () => 'the SSH user is not root (user id 1000), and `sudo` is not set',
    };
    expect(said(await doctorOn(await unowned(), { units }), 'unit-no-rights')).toEqual([
      `mend: The bot may not stop and start ${PLACEMENT}: the SSH user is not root (user id 1000), and \`sudo\` is not set.`,
    ]);
  });

  test('that cannot be asked are told once', async () => {
    const units = {
      ...unitsOfAll([]),
      read: () => Promise.reject(new Error('node1: show: sudo: a password is required')),
    };
    expect(said(await doctorOn(await unowned(), { units }), 'units')).toEqual([
      'mend: systemd cannot be asked: show: sudo: a password is required.',
    ]);
  });
});

describe('an API', () => {
  const answering = async <T>(status: number, work: (port: number) => Promise<T>): Promise<T> => {
    const server = createServer((_request, response) => response.writeHead(status).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      return await work((server.address() as AddressInfo).port);
    } finally {
      server.close();
    }
  };

  test.each([
    [200, /^well: 1 API answers\.$/],
    [503, /^mend: placement_api answers 503 at http:\/\/127\.0\.0\.1:\d+\/; 200 is expected\.$/],
  ])('that answers %d', async (status, wanted) => {
    const scene = await onlyPlacement();
    const report = await answering(status, (port) =>
      doctorOn(scene, { host: { api_address: '127.0.0.1', ports: { placement: port } } }),
    );
    expect(said(report, 'api')).toEqual([expect.stringMatching(wanted)]);
  });

  test('without an address on its host is judged by less', async () => {
    expect(said(await doctorOn(await onlyPlacement()), 'api')).toEqual([
      'know: The host has no api_address, and placement_api runs here.',
    ]);
  });
});

describe('a load balancer', () => {
  const STAT = '# pxname,svname,qcur,qmax,scur,status';
  const STATE = 'be_name srv_name srv_addr srv_op_state srv_admin_state srv_port';
  const answers = (level: string, status: string, admin: number): string =>
    [
      `level ${level}`,
      STAT,
      `placement_api_back,node1,0,0,0,${status}`,
      STATE,
      `placement_api_back node1 127.0.0.1 2 ${admin} 8780`,
    ].join('\n');
  const whichSays =
    (output: string, exitCode = 0) =>
    (engine: Engine): Engine => ({
      ...engine,
      exec: async (id, command, ms) =>
        id === 'haproxy' && command[0] === 'sh' ? { exitCode, output } : engine.exec(id, command, ms),
    });
  const balanced = async (): Promise<KollaScene> => {
    const scene = await onlyPlacement();
    await addContainer(scene, 'haproxy', { start: true });
    return scene;
  };

  test('that takes orders is well', async () => {
    const report = await doctorOn(await balanced(), { engine: whichSays(answers('admin', 'UP', 0)) });
    expect(said(report, 'balancer-level')).toEqual(['well: haproxy takes orders at its admin socket.']);
  });

  test('that takes none is told with what to set', async () => {
    const report = await doctorOn(await balanced(), { engine: whichSays(answers('user', 'UP', 0)) });
    expect(findings(report).find(({ code }) => code === 'balancer-level')).toMatchObject({
      level: 'know',
      what: 'The admin socket of haproxy takes no orders: its level is user.',
      wayOut: expect.stringContaining('haproxy_socket_level_admin: true'),
    });
  });

  test('with a server that somebody left drained says how to put it back', async () => {
    const report = await doctorOn(await balanced(), { engine: whichSays(answers('admin', 'DRAIN', 8)) });
    expect(findings(report).find(({ code }) => code === 'balancer-drained')).toMatchObject({
      what: 'placement_api_back/node1 is taken out of haproxy (drained, or in maintenance).',
      wayOut: expect.stringContaining('set server placement_api_back/node1 state ready'),
    });
  });

  test('that does not answer is to be mended', async () => {
    const report = await doctorOn(await balanced(), { engine: whichSays('sh: socat: not found', 127) });
    expect(said(report, 'balancer-silent')).toEqual([
      'mend: haproxy does not answer at its admin socket /var/lib/kolla/haproxy/haproxy.sock: node1: exec haproxy: sh: socat: not found.',
    ]);
  });
});

describe('Kolla’s configuration', () => {
  test.each([
    [
      'placement-api/service.conf',
      undefined,
      'The configuration of placement_api lacks service.conf, which is wanted by its config.json.',
    ],
    [
      'placement-api/config.json',
      undefined,
      'The configuration of placement_api cannot be used: it has no config.json.',
    ],
    [
      'placement-api/config.json',
      '{ "command": "x", "password": "geheim" ',
      'The configuration of placement_api cannot be used: its config.json is no valid JSON',
    ],
  ])('with %s as %s is to be mended', async (path, text, wanted) => {
    const scene = await onlyPlacement();
    putFile(scene, path, text);
    const report = await doctorOn(scene);
    expect(said(report, 'config-files')).toEqual([expect.stringContaining(`mend: ${wanted}`)]);
    expect(JSON.stringify(report)).not.toContain('geheim');
  });

  test('whose folder is gone is to be mended', async () => {
    const report = await doctorOn(await onlyPlacement(), {
      engine: (engine) => ({ ...engine, readArchive: async () => undefined }),
    });
    expect(said(report, 'config-files')).toEqual([
      'mend: placement_api has no /var/lib/kolla/config_files: the folder on the host is gone.',
    ]);
  });
});

describe('leftovers', () => {
  test('of a run that the journal does not know are told, stopped or running', async () => {
    const scene = await onlyPlacement();
    await addContainer(scene, 'placement_api__prev_r9');
    await addContainer(scene, 'placement_api__swap_r8', { start: true });
    expect(said(await doctorOn(scene), 'leftovers').toSorted()).toEqual([
      'know: placement_api__prev_r9, of a run that this journal does not know, is still there, stopped.',
      'mend: placement_api__swap_r8, of a run that this journal does not know, is running.',
    ]);
  });

  test('of another installation on the host are not ours to judge', async () => {
    const scene = await sceneOf({ services: ['placement'], prefix: 'blue_' });
    await addContainer(scene, 'green_placement_api__swap_r8', { like: 'blue_placement_api' });
    expect(said(await doctorOn(scene), 'leftovers')).toEqual([
      'well: No container of an earlier run is left.',
    ]);
  });

  test.each([
    [
      'upgraded',
      ['well: placement_api__conf_r1 and placement_api__prev_r1 are kept for a run that is not over.'],
    ],
    [
      'finalized',
      ['conf', 'prev'].map(
        (kind) =>
          `know: placement_api__${kind}_r1, of run r1, which is over (finalized), is still there, stopped.`,
      ),
    ],
  ] as const)('of a run that is %s', async (phase, wanted) => {
    const scene = await onlyPlacement();
    await addContainer(scene, 'placement_api__prev_r1');
    await addContainer(scene, 'placement_api__conf_r1');
    const journal = memoryJournal();
    for (const event of eventsTo(phase)) await journal.append('r1', event);
    expect(said(await doctorOn(scene, { journal }), 'leftovers').toSorted()).toEqual(wanted);
  });
});
