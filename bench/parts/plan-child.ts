// Plans an upgrade of cinder on a simulated cloud of as many hosts as its argument says, in a process of its own.
import { buildApp } from '../../src/build-app.js';
import { freePorts } from '../../src/demo/free-port.js';
import type { Plan } from '../../src/plan/plan.js';
import { redactor } from '../../src/redact.js';
import { memoryJournal } from '../../src/store/memory.js';
import { answerParent } from '../child.js';
import { ANN } from '../swap/stage.js';
import type { PlanFigures } from './plans.js';
import { quietLog, simulated } from './simulated.js';

const [words = '', looks = ''] = process.argv.slice(2);
const hosts = Number(words);
const SERVICES = ['keystone', 'glance', 'placement', 'cinder'];

const megabytes = (bytes: number): number => bytes / 2 ** 20;

const ports = Object.fromEntries(
  (await freePorts(SERVICES.length)).map((port, index) => [SERVICES[index] ?? '', port]),
);
const { kolla, config, engines } = await simulated({ hosts, services: SERVICES, ports, serve: true });
const app = await buildApp({
  config,
  engines,
  log: quietLog(),
  redactor: redactor(),
  journal: memoryJournal(),
});
global.gc?.();
const before = process.memoryUsage().rss;

const seconds: number[] = [];
let plan: Plan | undefined;
let peak = before;
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
}, 20);
for (let look = 0; look < Number(looks); look += 1) {
  const began = performance.now();
  plan = await app.plan(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  seconds.push((performance.now() - began) / 1_000);
  peak = Math.max(peak, process.memoryUsage().rss);
}
clearInterval(watch);
const blocking = plan?.findings.filter(({ level }) => level === 'block') ?? [];
if (blocking.length > 0) throw new Error(`the plan is blocked: ${blocking[0]?.text}`);
await app.close();
await kolla.cloud.close();

const figures: PlanFigures = {
  hosts,
  containers: hosts * kolla.containers.length,
  steps: plan?.steps.length ?? 0,
  planKilobytes: JSON.stringify(plan).length / 1024,
  seconds,
  cloudMegabytes: megabytes(before),
  peakMegabytes: megabytes(peak),
};
answerParent(figures);
