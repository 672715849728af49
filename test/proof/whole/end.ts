import { readBalancer } from '../../../src/balancer/haproxy.js';
import { differences } from '../../../src/engine/compare.js';
import type { ContainerInspect, ImageInspect } from '../../../src/engine/inspect.js';
import { OVER } from '../../../src/run/phase.js';
import type { Run } from '../../../src/run/run.js';
import { policyOf, type SimContainer } from '../../../src/sim/container.js';
import { baseName, group, startable } from '../../../src/sim/invariants.js';
import type { SimHost } from '../../../src/sim/world.js';
import { runOfLeftover } from '../../../src/steps/names.js';
import { SOCKET } from '../../run/balanced.js';
import type { Foreign, Meddling } from './foreign.js';
import type { Stage } from './stage.js';
import { bearerOn } from './watch.js';

/** A container of the service as it was before any run. */
export type Original = {
  readonly host: string;
  readonly name: string;
  readonly id: string;
  readonly policy: string;
  readonly inspect: ContainerInspect;
  readonly image: ImageInspect;
  readonly files: ReadonlyMap<string, string>;
};

const filesOf = (host: SimHost): ReadonlyMap<string, string> =>
  new Map(
    [...host.files].map(([path, { mode, uid, gid, content }]) => [
      path,
      `${mode} ${uid}:${gid} ${content.toString('utf8')}`,
    ]),
  );

/** Taken before anything goes wrong. */
export const originalsOf = async ({ scene, shape }: Stage): Promise<readonly Original[]> => {
  const all: Original[] = [];
  for (const host of scene.cloud.hosts) {
    const engine = scene.cloud.operator(host.name);
    const files = filesOf(host);
    for (const { name: entry, service } of scene.containers) {
      if (service !== shape.service) continue;
      const inspect = await engine.inspect(`${shape.prefix}${entry}`);
      const image = inspect && (await engine.image(inspect.Image));
      const found = inspect && host.containers.get(inspect.Id);
      if (!inspect || !image || !found) throw new Error(`${entry} is not on ${host.name}`);
      all.push({
        host: host.name,
        name: found.name,
        id: found.id,
        policy: policyOf(found).Name,
        inspect,
        image,
        files,
      });
    }
  }
  return all;
};

const isNew = ({ phase }: Run): boolean => phase === 'upgraded' || phase === 'finalized';

/** Which container has to bear the name now, as the last run about it says; that of before where there is none. */
const expectedId = ({ host, name, id }: Original, runs: readonly Run[]): string => {
  for (const run of runs.toReversed())
    for (const [index, step] of run.plan.steps.entries())
      if (step.kind === 'swap' && step.old.host === host && step.old.name === name)
        return (isNew(run) ? run.steps[index]?.createdId : undefined) ?? step.old.id;
  return id;
};

/** What may still be there of a run: the kept one and its configuration until Finalize, and what is said to be left. */
const mayStay = (one: SimContainer, run: Run | undefined): boolean =>
  run !== undefined &&
  ((run.phase === 'upgraded' && /__(prev|conf)_/.test(one.name)) ||
    run.notes.some(({ text }) => text.includes(one.name) || text.includes(one.id.slice(0, 12))));

/** A unit that cannot be reached, and gave up: the engine started what it should have, and people are told the command. */
const isLeftToPeople = ({ shape, words }: Stage, unit: string): boolean =>
  shape.owner === 'rename-first' && words.some((text) => text.includes(`systemctl start ${unit}`));

/** I3, I4 and I6 for one container of one host that nobody else touched, once every run is over or upgraded. */
const judgeOne = async (
  stage: Stage,
  original: Original,
  runs: readonly Run[],
): Promise<readonly string[]> => {
  const { cloud } = stage.scene;
  const { name, id, policy } = original;
  const host = cloud.host(original.host);
  const where = `${name} on ${host.name}`;
  const bearer = bearerOn(host, name);
  if (!bearer) return [`I3: no container bears the name ${where}`];
  const wanted = expectedId(original, runs);
  const leftovers = group(host, name).filter(
    (one) => one !== bearer && !mayStay(one, stage.kept.state().runs[runOfLeftover(one.name)]),
  );
  const engine = cloud.operator(host.name);
  const after = await engine.inspect(bearer.id);
  const afterImage = after && (await engine.image(after.Image));
  const found =
    after && afterImage
      ? differences({ before: original.inspect, after, beforeImage: original.image, afterImage })
      : ['it cannot be inspected'];
  const unit = [...cloud.unitFiles(host.name).values()].find((one) => one.name === name);
  return [
    ...(bearer.id === wanted
      ? []
      : [
          `I3: ${where} is ${bearer.id === id ? 'the old one' : 'another one'}, not the one that the runs say`,
        ]),
    ...(bearer.life === 'running' ? [] : [`I3: ${where} is ${bearer.life}`]),
    ...(unit && (unit.state !== 'active' || unit.attached !== bearer.id) && !isLeftToPeople(stage, unit.unit)
      ? [`I3: ${unit.unit} on ${host.name} is ${unit.state}`]
      : []),
    ...(policyOf(bearer).Name === policy
      ? []
      : [`I4: ${where} has the restart policy "${policyOf(bearer).Name}", not "${policy}"`]),
    ...found.map((difference) => `I4: ${where}: ${difference}`),
    ...leftovers.map((one) => `I6: ${one.name} is left on ${host.name}`),
  ];
};

/** The configuration on the host belongs to the version that bears the name. */
const judgeFiles = (
  stage: Stage,
  originals: readonly Original[],
  runs: readonly Run[],
): readonly string[] => {
  if (!stage.shape.configs || runs.some(isNew)) return [];
  return stage.scene.cloud.hosts.flatMap((host) => {
    const now = filesOf(host);
    const was = originals.find((one) => one.host === host.name)?.files ?? new Map<string, string>();
    return [...was].flatMap(([path, text]) =>
      now.get(path) === text ? [] : [`I4: ${path} on ${host.name} is not what it was`],
    );
  });
};

/** What somebody else did so that nothing runs by itself any more: then all has to be there, to be started by a person. */
const TAKES_DOWN: readonly Meddling[] = ['stops', 'renames'];

/** Whether people are told that it is not as it should be: in words of a run, or as a difference that it found. */
const isTold = ({ host, name }: Original, runs: readonly Run[], words: readonly string[]): boolean =>
  words.some((text) => text.includes(name)) ||
  runs.some((run) =>
    run.compared.some((one) => one.host === host && one.name === name && one.differences.length > 0),
  );

/** Between a run's last look at a host and its end others may act; milliseconds. */
const LAST_LOOK_MS = 60_000;

/** Whether a run that was about this container ended, and says how, long after the last time that somebody else acted. */
const claimsMore = (run: Run, { host, name }: Original, last: number): boolean =>
  (isNew(run) || run.phase === 'rolled-back') &&
  Date.parse(run.endedAt ?? run.lastEventAt) > last + LAST_LOOK_MS &&
  Date.parse(run.requestedAt) < last &&
  run.plan.steps.some((step) => step.kind === 'swap' && step.old.host === host && step.old.name === name);

/**
 * Where somebody else had a hand in it: a container of the service runs, theirs or ours, or can be started where it was
 * they who took it down. Where all is not as the run says, people have been told.
 */
const judgeMeddled = async (
  stage: Stage,
  original: Original,
  { foreign, runs }: { readonly foreign: Foreign; readonly runs: readonly Run[] },
): Promise<readonly string[]> => {
  const { host: hostName, name } = original;
  const host = stage.scene.cloud.host(hostName);
  const mine = [...host.containers.values()].filter((one) => baseName(one.name).startsWith(name));
  const meddled = foreign.done.filter((one) => one.host === hostName && one.base === name);
  // One that failed in the middle may have stopped it and come no further, or removed it and created nothing.
  const broken = meddled.some(({ what, failed }) => failed && what === 'recreates');
  const down = broken || meddled.some(({ what }) => TAKES_DOWN.includes(what));
  const removed = broken && mine.length === 0;
  const serves = removed || mine.some((one) => (down ? startable(host, one) : one.life === 'running'));
  const last = Math.max(...meddled.map(({ until }) => until));
  const claims = runs.some((run) => claimsMore(run, original, last));
  const wrong = claims && !isTold(original, runs, stage.words) ? await judgeOne(stage, original, runs) : [];
  return [
    ...(serves ? [] : [`I3: no container of ${name} ${down ? 'can be started' : 'runs'} on ${hostName}`]),
    ...wrong.map((sentence) => `nobody is told after a foreign hand: ${sentence}`),
  ];
};

const drainedOn = async ({ scene, shape }: Stage, host: string): Promise<readonly string[]> => {
  const engine = scene.cloud.operator(host);
  const { servers } = await readBalancer({ engine, container: `${shape.prefix}haproxy`, path: SOCKET });
  return servers.filter(({ drained }) => drained).map(({ backend, server }) => `${backend}/${server}`);
};

/** No load balancer still keeps a server without traffic, unless people are told so. */
const judgeBalancers = async (stage: Stage): Promise<readonly string[]> => {
  if (!stage.shape.haproxy) return [];
  const found: string[] = [];
  for (const { name } of stage.scene.hosts)
    for (const place of await drainedOn(stage, name))
      if (!stage.words.some((text) => text.includes('drain') && text.includes(place)))
        found.push(`I3: ${place} is still drained on ${name}, and nobody is told`);
  return found;
};

export const SETTLED: readonly Run['phase'][] = [...OVER, 'upgraded'];

/** I3, I4 and I6, once people have answered all that was asked. */
export const judgeEnd = async (
  stage: Stage,
  foreign: Foreign,
  originals: readonly Original[],
): Promise<readonly string[]> => {
  for (const host of stage.scene.cloud.hosts) await stage.scene.cloud.operator(host.name).list();
  const runs = Object.values(stage.kept.state().runs);
  const given = runs.some(({ phase }) => phase === 'abandoned');
  const touched = (one: Original) =>
    foreign.done.some(({ host, base }) => host === one.host && base === one.name);
  const found: string[] = [];
  for (const original of originals) {
    if (touched(original)) found.push(...(await judgeMeddled(stage, original, { foreign, runs })));
    else if (!given) found.push(...(await judgeOne(stage, original, runs)));
  }
  found.push(...(await judgeBalancers(stage)));
  return foreign.done.length > 0 || given ? found : [...found, ...judgeFiles(stage, originals, runs)];
};
