import { whyUnfit } from '../../../src/sim/archive.js';
import { isUp, policyOf, type SimContainer } from '../../../src/sim/container.js';
import type { CallRecord } from '../../../src/sim/faults.js';
import { baseName, group, startable } from '../../../src/sim/invariants.js';
import type { UnitEvent } from '../../../src/sim/unit-life.js';
import type { SimHost } from '../../../src/sim/world.js';
import { runOfLeftover } from '../../../src/steps/names.js';
import type { Foreign } from './foreign.js';
import type { Stage } from './stage.js';

/** What was there before any run: nothing of it may be removed but by Finalize. */
export type Before = {
  readonly host: string;
  readonly id: string;
  readonly name: string;
  readonly policy: string;
};

export const pictureOf = ({ scene }: Pick<Stage, 'scene'>): readonly Before[] =>
  scene.cloud.hosts.flatMap((host) =>
    [...host.containers.values()].map((one) => ({
      host: host.name,
      id: one.id,
      name: one.name,
      policy: policyOf(one).Name,
    })),
  );

const STARTS: readonly string[] = ['start', 'unit start'];

/** Invariants I1, I2 and I5 after every call that takes effect, and after everything that a unit does by itself. */
export const watchHosts = (stage: Stage, foreign: Foreign): void => {
  const { scene, diary, kept, shape } = stage;
  const { cloud } = scene;
  const before = pictureOf(stage);
  const known = new Set(before.map(({ id }) => id));
  const own = scene.containers
    .filter(({ service }) => service === shape.service)
    .map(({ name }) => `${shape.prefix}${name}`);
  /** By id, since a person may have renamed it: what was there, and what the runs created. */
  const serviceIds = new Set(before.filter(({ name }) => own.includes(baseName(name))).map(({ id }) => id));
  const volumes = new Map(cloud.hosts.map((host) => [host.name, [...host.volumes.keys()]]));
  const meddledWith = (host: string, base: string): boolean =>
    foreign.done.some((one) => one.host === host && one.base === base);

  const bases = (host: SimHost): readonly string[] => [
    ...new Set([...before.filter((one) => one.host === host.name).map(({ name }) => baseName(name)), ...own]),
  ];

  /** I1. Beside somebody else's container none of ours may be started; what they start themselves is theirs to answer for. */
  const writers = (host: SimHost, started: boolean): readonly string[] =>
    bases(host).flatMap((base) => {
      const running = group(host, base).filter(isUp);
      if (running.length < 2 || (meddledWith(host.name, base) && !started)) return [];
      return [`I1: ${running.map(({ name }) => name).join(' and ')} run at once on ${host.name}`];
    });

  /** I2. */
  const gone = (host: SimHost): readonly string[] =>
    before
      .filter((one) => one.host === host.name)
      .map(({ name }) => baseName(name))
      .filter((base) => !meddledWith(host.name, base))
      .filter((base) => !group(host, base).some((one) => startable(host, one)))
      .map((base) => `I2: no startable container of ${base} is left on ${host.name}`);

  /** I2: what a reboot, a unit or a person would start finds its configuration. */
  const unfit = (host: SimHost): readonly string[] =>
    [...host.containers.values()]
      .filter((one) => one.name === baseName(one.name) || !['', 'no'].includes(policyOf(one).Name))
      .filter(
        ({ name }) => !foreign.done.some((done) => done.host === host.name && name.startsWith(done.base)),
      )
      .flatMap((one) => whyUnfit(host, one) ?? [])
      .map((why) => `I2: a start would fail on ${host.name}: ${why}`);

  /** I5. */
  const lost = (host: SimHost): readonly string[] =>
    (volumes.get(host.name) ?? [])
      .filter((volume) => !host.volumes.has(volume))
      .map((volume) => `I5: volume ${volume} on ${host.name} was removed`);

  const judge = (host: SimHost, started: boolean): readonly string[] => [
    ...writers(host, started),
    ...gone(host),
    ...unfit(host),
    ...lost(host),
  ];

  /** I5: only what the run created, and the kept one at Finalize; nobody else's container is touched at all. */
  const judgeCall = (record: CallRecord): readonly string[] => {
    const { call, host, target, took, name = target, id = target } = record;
    // One that a plan names is the service's by then, whoever made it.
    const named = Object.values(kept.state().runs).some(({ plan }) =>
      plan.steps.some((step) => step.kind === 'swap' && step.old.id === id),
    );
    if (took === 'no effect' || call === 'pull') return [];
    const runOf = kept.state().runs[runOfLeftover(name)];
    const ours = own.includes(baseName(name)) || runOf !== undefined || serviceIds.has(id);
    const unit = call.startsWith('unit ') || call === 'exec';
    const removed = call === 'remove' && known.has(id);
    return [
      ...(ours || unit ? [] : [`I5: ${call} touched ${name} on ${host}, which is not of this service`]),
      ...(removed && runOf?.phase !== 'finalizing' && runOf?.direction !== 'finalize'
        ? [`I5: ${name} on ${host} was removed outside of Finalize`]
        : []),
      ...(foreign.theirs.has(id) && !named
        ? [`I5: ${call} on ${name} on ${host}, which is somebody else's`]
        : []),
    ];
  };

  cloud.onCall((record) => {
    if (record.call === 'create' && record.detail) serviceIds.add(record.detail);
    const { call, name = record.target, nth } = record;
    const host = cloud.host(record.host);
    const started = record.took === 'effect' && STARTS.includes(call);
    for (const sentence of [...judgeCall(record), ...judge(host, started)])
      diary.blame(`after ${call} ${name} (call ${nth}): ${sentence}`);
  });
  cloud.onUnit((event: UnitEvent) => {
    const host = cloud.host(event.host);
    diary.tell(`${event.unit} on ${event.host} ${event.what}`);
    const touched = foreign.done.some((one) => one.host === event.host);
    const stranger =
      event.what === 'stopped a stranger' && !touched ? [`I1: ${event.unit} stopped a stranger`] : [];
    for (const sentence of [...stranger, ...judge(host, false)])
      diary.blame(`when ${event.unit} ${event.what}: ${sentence}`);
  });
};

export const bearerOn = (host: SimHost, name: string): SimContainer | undefined =>
  [...host.containers.values()].find((one) => one.name === name);
