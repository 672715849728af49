import { afterAll } from 'vitest';
import type { Check, Finding } from '../../src/app/doctor/check.js';
import { type DoctorReport, doctor } from '../../src/app/doctor/doctor.js';
import type { Limits } from '../../src/app/doctor/examine.js';
import type { HostConfig } from '../../src/config.js';
import type { Engine } from '../../src/engine/port.js';
import { type UnitState, type Units, unitOf } from '../../src/engine/units.js';
import { realClock } from '../../src/probes/clock.js';
import type { Journal } from '../../src/run/journal.js';
import { memoryJournal } from '../../src/store/memory.js';
import { type KollaScene, kollaCloud } from '../sim/kolla.js';

export const RUNNING: UnitState = {
  activeState: 'active',
  subState: 'running',
  enabled: true,
  stopSeconds: 60,
  restartSeconds: 11,
};

const refuse = (): Promise<never> => Promise.reject(new Error('the doctor changes nothing'));

/** systemd as a list of units; the others are not loaded. Looking only: a change is an error. */
export const unitsWith = (known: Readonly<Record<string, UnitState>>, host = 'node1'): Units => ({
  host,
  read: async (unit) => known[unit],
  forbidden: async () => undefined,
  clear: refuse,
  stop: refuse,
  start: refuse,
});

export const unitsOfAll = (names: readonly string[], state: UnitState = RUNNING): Units =>
  unitsWith(Object.fromEntries(names.map((name) => [unitOf(name), state])));

const scenes: KollaScene[] = [];
afterAll(async () => {
  await Promise.all(scenes.map((scene) => scene.cloud.close()));
});

const COMPLETE = {
  command: 'run-it',
  config_files: [{ source: '/var/lib/kolla/config_files/service.conf', dest: '/etc/service.conf' }],
};

/** Writes a file into a configuration folder of a host; `undefined` removes it. */
export const putFile = (scene: KollaScene, path: string, text: string | undefined, host = 'node1'): void => {
  const { files } = scene.cloud.host(host);
  if (text === undefined) files.delete(`/etc/kolla/${path}`);
  else files.set(`/etc/kolla/${path}`, { mode: 0o660, uid: 0, gid: 0, content: Buffer.from(text) });
};

/** The chosen services, all four by default, each with a configuration that is complete; without ports. */
export const sceneOf = async (options: Parameters<typeof kollaCloud>[0] = {}): Promise<KollaScene> => {
  const scene = await kollaCloud({ serve: false, ...options });
  scenes.push(scene);
  for (const { name } of scene.hosts)
    for (const container of scene.containers) {
      const folder = container.name.replaceAll('_', '-');
      putFile(scene, `${folder}/config.json`, JSON.stringify(COMPLETE), name);
      putFile(scene, `${folder}/service.conf`, 'debug = false', name);
    }
  return scene;
};

type Change = {
  /** What the hosts file says otherwise. */
  readonly host?: Partial<HostConfig>;
  readonly engine?: (engine: Engine) => Engine;
  readonly units?: Units;
  readonly journal?: Journal;
  readonly limits?: Limits;
  readonly only?: string;
  readonly config?: Partial<KollaScene['config']>;
};

/** The doctor's report on a scene in which something is otherwise. */
export const doctorOn = (scene: KollaScene, change: Change = {}): Promise<DoctorReport> => {
  const engines = scene.engines();
  const config = {
    ...scene.config,
    ...change.config,
    hosts: scene.config.hosts.map(({ supervisor: _none, ...host }) => ({ ...host, ...change.host })),
  };
  return doctor(
    {
      config,
      journal: change.journal ?? memoryJournal(),
      clock: realClock,
      unitsOf: () => change.units,
      engineOf: (host) => {
        const engine = engines.get(host);
        if (!engine) throw new Error(`no engine ${host}`);
        return change.engine ? change.engine(engine) : engine;
      },
    },
    change.only,
    change.limits,
  );
};

export const checksOf = (report: DoctorReport, host = 'node1'): readonly Check[] =>
  report.hosts.find((one) => one.host === host)?.checks ?? [];

const isFinding = (check: Check): check is Finding => check.level !== 'well';

export const findings = (report: DoctorReport, host = 'node1'): readonly Finding[] =>
  checksOf(report, host).filter(isFinding);

/** What was found under a code, as `level: what`. */
export const said = (report: DoctorReport, code: string, host = 'node1'): readonly string[] =>
  checksOf(report, host)
    .filter((check) => check.code === code)
    .map(({ level, what }) => `${level}: ${what}`);

export const saidOfCloud = (report: DoctorReport, code: string): readonly string[] =>
  report.cloud.filter((check) => check.code === code).map(({ level, what }) => `${level}: ${what}`);
