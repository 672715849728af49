import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../src/demo/free-port.js';
import type { Run } from '../../src/run/run.js';
import { ANN, BOB, type Bot, bornOver, configOf, hostsFile, upgrade } from '../e2e/bot.js';
import { type RealDocker, realDocker } from '../engine/real-docker.js';
import { describeUnless } from '../setup/left-out.js';
import { type EventWatch, longestGap, runningTogether, untilStarted, watchEvents } from './events.js';
import { missingForSystemd, type SystemdHost, systemdHost } from './host.js';
import { installUnits, show } from './kolla-unit.js';
import { buildRelease, createService } from './service.js';
import { type SshAccess, sshAccess } from './ssh-access.js';

const found = await realDocker('swapped');

const KINDS = [
  { kind: 'unit', says: 'through its units, over SSH', warning: 'unit-stop-short', longestMs: 11_000 },
  {
    kind: 'rename-first',
    says: 'past its units, without SSH',
    warning: 'unit-not-reached',
    longestMs: 30_000,
  },
] as const;

const NAMES = ['cinder_scheduler', 'cinder_api'] as const;

describeUnless(
  'leftOut' in found ? found.leftOut : missingForSystemd(),
  'cinder on a host whose systemd owns its containers',
  () => {
    const real = found as RealDocker;
    const { engine } = real;
    const state = mkdtempSync(join(tmpdir(), 'stackswap-systemd-'));
    let host: SystemdHost;
    let access: SshAccess;
    let events: EventWatch;

    beforeAll(async () => {
      host = await systemdHost(real);
      access = await sshAccess(host);
      events = await watchEvents(real);
      await buildRelease(real, '2025.1-a');
      await buildRelease(real, '2025.2-a');
      await buildRelease(real, '2026.1-a', 'dies');
    });
    afterAll(async () => {
      events?.close();
      access?.forget();
      await real.cleanUp();
      rmSync(state, { recursive: true });
    });

    describe.concurrent('is upgraded', { timeout: 180_000 }, () => {
      describe.each(KINDS)('$says', { concurrent: false }, ({ kind, warning, longestMs }) => {
        const prefix = real.name(`${kind}-`);
        let bot: Bot;

        const reach = () =>
          kind === 'unit'
            ? { engine: access.engine, ssh: access.ssh }
            : { engine: `unix://${real.socketPath}` };
        const stage = async (port: number): Promise<void> => {
          const [scheduler, api] = NAMES.map((name) => `${prefix}${name}`) as [string, string];
          await createService(real, { name: scheduler, image: 'cinder-scheduler:2025.1-a' });
          await createService(real, { name: api, image: 'cinder-api:2025.1-a', env: { PORT: port } });
          await installUnits(host, [{ name: scheduler }, { name: api }]);
          await Promise.all([scheduler, api].map((name) => untilStarted(events, name)));
        };

        beforeAll(async () => {
          const port = await freePort();
          await stage(port);
          const hosts = [
            {
              name: 'node1',
              ...reach(),
              api_address: '127.0.0.1',
              ports: { cinder: port },
              container_prefix: prefix,
              config_fits: ['2025.2', '2026.1'],
            },
          ];
          bot = await bornOver({ config: configOf(hostsFile({ hosts })), state: join(state, kind) });
        });
        afterAll(async () => {
          await bot?.app.close();
        });

        /** What the engine and systemd say at the end of each move. */
        const expectSound = async (tag: string, kept: number): Promise<void> => {
          const all = (await engine.list()).filter(({ name }) => name.startsWith(prefix));
          const named = all.filter(({ name }) => !name.includes('__'));
          expect(
            named
              .map(({ name, state: now }) => [name.slice(prefix.length), now])
              .sort((a, b) => String(a).localeCompare(String(b))),
          ).toEqual(['cinder_api', 'cinder_scheduler'].map((name) => [name, 'running']));
          expect(all.filter(({ name }) => name.includes('__')).map((one) => one.state)).toEqual(
            Array.from({ length: kept }, () => expect.not.stringMatching('running')),
          );
          for (const name of NAMES) {
            const full = `${prefix}${name}`;
            expect((await engine.inspect(full))?.Config.Image).toMatch(new RegExp(`:${tag}$`));
            expect(await show(host, full)).toMatchObject({ ActiveState: 'active', SubState: 'running' });
            expect(runningTogether(events.of(full))).toEqual([]);
          }
          expect(await host.sh(`journalctl -u 'kolla-${prefix}*'`)).not.toContain('repeated too quickly');
        };

        const newest = async (): Promise<Run> => {
          const [run] = await bot.app.history(ANN, 'cinder');
          if (!run) throw new Error('there is no run');
          return run;
        };
        const tellGaps = (what: string, gaps: readonly (number | undefined)[]): void =>
          console.log(
            `gap of cinder-api, ${kind}, ${what}: ${gaps.map((ms) => `${Math.round(ms ?? 0)} ms`).join(' ')}`,
          );

        test('with a plan that says how', async () => {
          const { steps, findings } = await bot.app.plan(ANN, {
            service: 'cinder',
            to: '2025.2',
            overrides: {},
          });
          const owners = steps.flatMap((step) => (step.kind === 'swap' ? [step.owner] : []));
          expect(owners.map((owner) => [owner?.kind, owner?.unit])).toEqual(
            NAMES.map((name) => [kind, `kolla-${prefix}${name}-container.service`]),
          );
          expect(findings.filter(({ level }) => level === 'block')).toEqual([]);
          expect(findings.map(({ code }) => code)).toContain(warning);
        });

        test('to the next release, with each process running alone and its unit active', async () => {
          const run = await upgrade(bot.app, { service: 'cinder', to: '2025.2' });
          expect([run.phase, run.why, run.asked]).toEqual(['upgraded', undefined, undefined]);
          await expectSound('2025.2-a', 2);
          const measured = run.steps.flatMap(({ downtime }) => downtime?.longestGapMs ?? []);
          tellGaps('there (HTTP, process)', [measured.at(-1), longestGap(events.of(`${prefix}cinder_api`))]);
          expect(longestGap(events.of(`${prefix}cinder_api`))).toBeLessThan(longestMs);
        });

        test('and back by one click', async () => {
          const before = events.of(`${prefix}cinder_api`).length;
          await bot.app.rollback(BOB, (await newest()).id);
          const run = await bot.app.settled((await newest()).id);
          expect([run.phase, run.why]).toEqual(['rolled-back', undefined]);
          await expectSound('2025.1-a', 0);
          tellGaps('back (process)', [longestGap(events.of(`${prefix}cinder_api`).slice(before))]);
        });

        test('again, and finalized with a restart of each', async () => {
          await bot.app.unhold(BOB, 'cinder');
          const { id, phase } = await upgrade(bot.app, { service: 'cinder', to: '2025.2' });
          expect(phase).toBe('upgraded');
          const before = NAMES.map((name) => events.of(`${prefix}${name}`).length);
          await bot.app.finalize(BOB, id);
          const run = await bot.app.settled(id);
          expect([run.phase, run.why]).toEqual(['finalized', undefined]);
          await expectSound('2025.2-a', 0);
          const since = NAMES.map((name, index) =>
            events
              .of(`${prefix}${name}`)
              .slice(before[index])
              .filter(({ what }) => what === 'start'),
          );
          expect(since.map((starts) => starts.length)).toEqual([1, 1]);
          tellGaps('restart (process)', [longestGap(events.of(`${prefix}cinder_api`).slice(before[1]))]);
        });

        test('and comes back by itself from a release whose programs end at once', async () => {
          const run = await upgrade(bot.app, { service: 'cinder', to: '2026.1' });
          expect([run.phase, run.rollback?.by.door]).toEqual(['rolled-back', 'bot']);
          await expectSound('2025.2-a', 0);
        });
      });
    });
  },
);
