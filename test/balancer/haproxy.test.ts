import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BUSYBOX, buildImages, HAPROXY, SOCAT, SOCKET } from '../../bench/balancer/images.js';
import { FULL, type LoadReport, totalOf } from '../../bench/balancer/load.js';
import {
  type BalancedStage,
  backUnderLoad,
  openBalancedStage,
  type UnderLoad,
  upgradeUnderLoad,
} from '../../bench/balancer/stage.js';
import { newBenchIdentity } from '../../bench/cloud/identity.js';
import { ANN } from '../../bench/swap/stage.js';
import { readBalancer } from '../../src/balancer/haproxy.js';
import type { Identity } from '../../src/demo/cloud/identity.js';
import { localEngine } from '../../src/demo/cloud/local-engine.js';
import { removeDemo } from '../../src/demo/cloud/removal.js';
import { dockerEngine } from '../../src/engine/docker.js';
import { describeUnless } from '../setup/left-out.js';

const engine = await localEngine();

const missing = (): string | undefined => {
  if ('missing' in engine) return engine.missing;
  const program = [HAPROXY, SOCAT, BUSYBOX].find((path) => !existsSync(path));
  return program && `there is no ${program} (Debian packages haproxy, socat, busybox-static)`;
};

const inWords = ({ failures, ...report }: LoadReport): string => {
  const { sent, failed, skipped } = totalOf({ ...report, failures });
  const [first, last] = [failures[0]?.at ?? 0, failures.at(-1)?.at ?? 0];
  const why = [...new Set(failures.map((one) => `${one.how}: ${one.why}`))].join(', ');
  return `${failed} of ${sent} failed within ${(last - first).toFixed(0)} ms${why ? ` (${why})` : ''}; ${skipped} not sent by a busy machine`;
};

const UPGRADE_MS = 110_000;

describeUnless(missing(), 'two API hosts behind real HAProxies, under load', () => {
  if ('missing' in engine) return;
  let identity: Identity;
  let stage: BalancedStage;
  let upgraded: UnderLoad;

  const serversNow = async () => {
    const all = stage.cloud.hosts.map(async ({ name, prefix }) => {
      const looking = dockerEngine({ host: name, address: { socketPath: engine.socket } });
      const seen = await readBalancer({ engine: looking, container: `${prefix}haproxy`, path: SOCKET });
      return seen.servers.map((one) => `${one.server} ${one.drained ? 'drained' : one.status}`);
    });
    return (await Promise.all(all)).flat();
  };

  const everyRequestIsGood = ({ report, run }: UnderLoad): void => {
    expect(report.failures.slice(0, 5)).toEqual([]);
    expect(totalOf(report).failed).toBe(0);
    for (const how of ['fresh', 'kept', 'slow'] as const)
      expect([how, report.counts[how].good > 10]).toEqual([how, true]);
    expect(run.notes).toEqual([]);
  };

  beforeAll(async () => {
    identity = await newBenchIdentity();
    await buildImages(engine.docker, identity);
    stage = await openBalancedStage({ engine, identity }, { name: 'balanced', count: 2, level: 'admin' });
  });
  afterAll(async () => {
    await stage?.close();
    if (identity) await removeDemo(engine.docker, identity);
  });

  test(
    'an upgrade loses no request, at up to 1,200 a second and with slow ones under way',
    async () => {
      upgraded = await upgradeUnderLoad(stage, FULL);
      everyRequestIsGood(upgraded);
      expect(await serversNow()).toEqual(['ctl1 UP', 'ctl2 UP', 'ctl1 UP', 'ctl2 UP']);
    },
    UPGRADE_MS,
  );

  test('each server was out of both HAProxies before its container was stopped', async () => {
    const lines = (await stage.app.eventsOf(upgraded.run.id)).flatMap(({ event }) =>
      event.kind === 'call' && ['drain', 'stop', 'ready'].includes(event.op)
        ? [`${event.op} ${event.target}`.replaceAll(identity.prefix, '')]
        : [],
    );
    const orders = (order: string, host: string) =>
      ['ctl1', 'ctl2'].map((at) => `${order} placement_api_back/${host} in ${at}_haproxy on ${at}`);
    expect(lines).toEqual(
      ['ctl1', 'ctl2'].flatMap((host) => [
        ...orders('drain', host),
        `stop ${host}_placement_api`,
        ...orders('ready', host),
      ]),
    );
  });

  test(
    'going back loses none either',
    async () => {
      everyRequestIsGood(await backUnderLoad(stage, FULL, upgraded.run.id));
      expect(await serversNow()).toEqual(['ctl1 UP', 'ctl2 UP', 'ctl1 UP', 'ctl2 UP']);
    },
    UPGRADE_MS,
  );

  test(
    'a socket that is not admin level is found out, and what that costs is measured',
    async () => {
      await stage.cloud.restartBalancers('operator');
      const request = { service: 'placement', to: '2025.1-new', overrides: {} };
      const { findings, steps } = await stage.app.plan(ANN, request);
      expect(findings.map(({ code }) => code)).toContain('balancer-level');
      expect(steps.filter((step) => step.kind === 'swap' && step.drain)).toEqual([]);
      const { report } = await upgradeUnderLoad(stage, FULL);
      console.log(`drained: ${inWords(upgraded.report)}\nnot drained: ${inWords(report)}`);
      expect(totalOf(report).sent).toBeGreaterThan(totalOf(report).failed);
    },
    UPGRADE_MS,
  );
});
