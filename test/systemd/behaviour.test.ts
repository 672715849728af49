import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unitOf } from '../../src/engine/units.js';
import { type RealDocker, realDocker } from '../engine/real-docker.js';
import { describeUnless } from '../setup/left-out.js';
import { type EventWatch, type Happened, watchEvents } from './events.js';
import { missingForSystemd, type SystemdHost, systemdHost } from './host.js';
import { installUnits, show, type UnitTimes } from './kolla-unit.js';
import { buildRelease, createService, type ServiceShape } from './service.js';

const found = await realDocker('systemd');

/** Kolla's RestartSec, and what systemd, the docker command and a busy machine may add to it. */
const RESTART_MS = 11_000;
const BUSY_MS = 8_000;
const SOON_MS = 30_000;

const EXITS = [
  { code: 0, clean: true, says: 'an exit with 0 is clean: the stop command is run after it' },
  { code: 143, clean: true, says: 'an exit with 143 is clean: the stop command is run after it' },
  { code: 1, clean: false, says: 'an exit with 1 is a failure: the stop command is left out' },
  { code: 137, clean: false, says: 'an exit with 137 is a failure: the stop command is left out' },
];

const starts = (events: readonly Happened[], id?: string): readonly Happened[] =>
  events.filter((one) => one.what === 'start' && (id === undefined || one.id === id));
const deaths = (events: readonly Happened[], id: string): readonly Happened[] =>
  events.filter((one) => one.what === 'die' && one.id === id);

describeUnless(
  'leftOut' in found ? found.leftOut : missingForSystemd(),
  'systemd and the unit of a Kolla container',
  () => {
    const real = found as RealDocker;
    const { engine } = real;
    let host: SystemdHost;
    let events: EventWatch;

    type Service = {
      readonly name: string;
      readonly id: string;
      readonly image: string;
      show(): Promise<Record<string, string>>;
      happened(): readonly Happened[];
      until(holds: (events: readonly Happened[]) => boolean, withinMs?: number): Promise<readonly Happened[]>;
      untilState(state: string, withinMs?: number): Promise<void>;
      systemctl(verb: string): Promise<string>;
    };

    const stage = async (
      word: string,
      env: NonNullable<ServiceShape['env']> = {},
      times: UnitTimes = {},
    ): Promise<Service> => {
      const name = real.name(word);
      const image = 'placement-api:2025.1-a';
      const id = await createService(real, { name, image, env });
      await installUnits(host, [{ name, ...times }]);
      const service: Service = {
        name,
        id,
        image,
        show: () => show(host, name),
        happened: () => events.of(name),
        until: (holds, withinMs = SOON_MS) => events.until(name, holds, withinMs),
        untilState: async (state, withinMs = SOON_MS) => {
          const end = Date.now() + withinMs;
          for (let now = ''; now !== state; now = (await service.show()).ActiveState ?? '') {
            if (Date.now() > end) throw new Error(`${name} is ${now}, not ${state}`);
            await sleep(200);
          }
        },
        systemctl: (verb) => host.sh(`systemctl ${verb} ${unitOf(name)} 2>&1`),
      };
      await service.until((all) => starts(all).length === 1);
      await service.untilState('active');
      return service;
    };

    beforeAll(async () => {
      host = await systemdHost(real);
      events = await watchEvents(real);
      await buildRelease(real, '2025.1-a');
    });
    afterAll(async () => {
      events?.close();
      await real.cleanUp();
    });

    describe.concurrent('with Kolla’s keys', { timeout: 200_000 }, () => {
      test('a container that is stopped behind its back is started again after 11 s', async () => {
        const one = await stage('behind');
        await engine.stop(one.id, 10);
        const all = await one.until((seen) => starts(seen).length === 2);
        const gap = (starts(all)[1]?.at ?? 0) - (deaths(all, one.id)[0]?.at ?? 0);
        expect(gap).toBeGreaterThan(RESTART_MS);
        expect(gap).toBeLessThan(RESTART_MS + BUSY_MS);
        await one.untilState('active');
        expect((await one.show()).NRestarts).toBe('1');
      });

      test('a container that is stopped and removed ends in the start limit after 10 starts, which only reset-failed lifts', async () => {
        // 5 s for Kolla's 11, at which ten tries take 111 s: a busy machine would come out of the 120.
        const one = await stage('removed', {}, { restartSeconds: 5 });
        await engine.stop(one.id, 10);
        await engine.remove(one.id);
        await one.untilState('failed', 90_000);
        // The result is the last try's; that it was the limit is said by the journal only.
        expect(await one.show()).toMatchObject({ NRestarts: '10', Result: 'exit-code' });
        expect(await host.sh(`journalctl -u ${unitOf(one.name)}`)).toContain(
          'Start request repeated too quickly',
        );
        const next = await createService(real, one);
        await expect(one.systemctl('start')).rejects.toThrow(/exit 1: Job .* failed/);
        await one.systemctl('reset-failed');
        await one.systemctl('start');
        await one.until((seen) => starts(seen, next).length === 1);
        await one.untilState('active');
      });

      for (const { code, clean, says } of EXITS)
        test(says, async () => {
          const one = await stage(`exit-${code}`, { EXIT_CODE: code });
          await engine.stop(one.id, 10);
          await one.until((seen) => deaths(seen, one.id).length === 1);
          await one.untilState('activating');
          const { ExecStop = '', Result } = await one.show();
          expect(ExecStop.includes('start_time=[n/a]')).toBe(!clean);
          expect(Result).toBe(clean ? 'success' : 'exit-code');
          await one.until((seen) => starts(seen).length === 2);
        });

      test('a rename leaves the running process attached to its unit', async () => {
        const one = await stage('renamed');
        const before = await one.show();
        await engine.rename(one.id, `${one.name}__prev_r1`);
        await sleep(2_000);
        const after = await one.show();
        expect([after.ActiveState, after.MainPID]).toEqual(['active', before.MainPID]);
        expect((await engine.inspect(one.id))?.State.Running).toBe(true);
      });

      test('the stop command of a unit whose container was renamed misses it, and the signal to the docker command ends it', async () => {
        const one = await stage('missed');
        await engine.rename(one.id, `${one.name}__prev_r1`);
        await one.systemctl('stop');
        const kept = await engine.inspect(one.id);
        expect([kept?.State.Running, kept?.State.ExitCode]).toEqual([false, 0]);
        expect((await one.show()).ActiveState).toBe('failed');
      });

      test('a unit whose docker command is killed leaves its container running, and its next start attaches to it', async () => {
        const one = await stage('attached');
        await one.systemctl('kill --signal=KILL');
        await one.untilState('activating');
        expect((await engine.inspect(one.id))?.State.Running).toBe(true);
        await sleep(RESTART_MS);
        await one.untilState('active');
        expect(starts(one.happened())).toHaveLength(1);
      });

      test('a stopped unit does not start its container again', async () => {
        const one = await stage('stopped');
        await one.systemctl('stop');
        await sleep(RESTART_MS + 4_000);
        expect(starts(one.happened())).toHaveLength(1);
        expect((await one.show()).ActiveState).toBe('inactive');
      });

      test('a container that the engine starts behind a stopped unit has nobody who starts it again', async () => {
        const one = await stage('alone');
        await one.systemctl('stop');
        await engine.start(one.id);
        await engine.stop(one.id, 10);
        await sleep(RESTART_MS + 4_000);
        expect((await engine.inspect(one.id))?.State.Running).toBe(false);
      });

      test('a service that needs longer than the unit gives is killed by the unit’s stop', async () => {
        const one = await stage('slow', { EXIT_SECONDS: 8 }, { stopSeconds: 3 });
        await one.systemctl('stop');
        expect((await engine.inspect(one.id))?.State.ExitCode).toBe(137);
        expect((await one.show()).ActiveState).toBe('failed');
      });

      test('the end of the old one kills a new one that was started under its name', async () => {
        const one = await stage('trap');
        const next = await createService(real, { ...one, name: `${one.name}__swap_r1` });
        await engine.rename(one.id, `${one.name}__prev_r1`);
        await engine.rename(next, one.name);
        await engine.start(next);
        await engine.stop(one.id, 10);
        const all = await one.until((seen) => starts(seen, next).length === 2);
        expect(deaths(all, next)).toHaveLength(1);
      });

      test('renamed first and never started by hand, the new one is started once, by the unit, after 11 s', async () => {
        const one = await stage('order');
        const next = await createService(real, { ...one, name: `${one.name}__swap_r1` });
        await engine.rename(one.id, `${one.name}__prev_r1`);
        await engine.rename(next, one.name);
        await engine.stop(one.id, 10);
        await one.until((seen) => starts(seen, next).length === 1);
        await one.untilState('active');
        await sleep(3_000);
        const all = one.happened();
        expect([starts(all, next).length, deaths(all, next).length, starts(all, one.id).length]).toEqual([
          1, 0, 1,
        ]);
        expect((starts(all, next)[0]?.at ?? 0) - (deaths(all, one.id)[0]?.at ?? 0)).toBeGreaterThan(
          RESTART_MS,
        );
        expect((await one.show()).NRestarts).toBe('1');
      });

      test('through the unit, the new one is started once and at once', async () => {
        const one = await stage('through');
        const next = await createService(real, { ...one, name: `${one.name}__swap_r1` });
        await one.systemctl('stop');
        await engine.rename(one.id, `${one.name}__prev_r1`);
        await engine.rename(next, one.name);
        await one.systemctl('start');
        await one.until((seen) => starts(seen, next).length === 1);
        const all = one.happened();
        expect((starts(all, next)[0]?.at ?? 0) - (deaths(all, one.id)[0]?.at ?? 0)).toBeLessThan(BUSY_MS);
        await sleep(RESTART_MS + 2_000);
        expect([starts(one.happened()).length, deaths(one.happened(), next).length]).toEqual([2, 0]);
        expect((await one.show()).NRestarts).toBe('0');
      });

      test('a longer grace than the unit’s is kept by stopping at the engine, once the name is away', async () => {
        const one = await stage('grace', { EXIT_SECONDS: 8 }, { stopSeconds: 3 });
        const next = await createService(real, { ...one, name: `${one.name}__swap_r1` });
        await engine.rename(one.id, `${one.name}__prev_r1`);
        await engine.rename(next, one.name);
        await engine.stop(one.id, 20);
        expect((await engine.inspect(one.id))?.State.ExitCode).toBe(0);
        await one.until((seen) => starts(seen, next).length === 1);
        expect(deaths(one.happened(), next)).toHaveLength(0);
      });
    });
  },
);
