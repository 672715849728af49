import type Dockerode from 'dockerode';
import { differences } from '../../../src/engine/compare.js';
import type { ContainerInspect } from '../../../src/engine/inspect.js';
import { nameOf } from '../../../src/engine/inspect.js';
import { messageOf } from '../../../src/errors.js';
import { samePolicy } from '../../../src/steps/container.js';
import { verify } from '../../../src/store/verify.js';
import { must } from '../../engine/swap-by-hand.js';
import { linesIn, unanchored, unended } from './books.js';
import { RELEASES, TAGS, type Version } from './images.js';
import { rawDiff } from './raw-diff.js';
import { rawInspect, type Stand } from './stand.js';

/** Every container of a stand, running or not. */
export const containersOf = async ({
  real,
  prefix,
}: Pick<Stand, 'real' | 'prefix'>): Promise<ContainerInspect[]> => {
  const all = await real.docker.listContainers({ all: true, filters: { name: [`^/?${prefix}`] } });
  const seen = await Promise.all(all.map(({ Id }) => real.engine.inspect(Id)));
  return seen.filter((one) => one !== undefined).sort((a, b) => a.Name.localeCompare(b.Name));
};

const textAt = async (url: string): Promise<string> => {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  return `${answer.ok ? '' : `${answer.status} `}${(await answer.text()).trim()}`;
};

const answerProblems = async ({ url, lines }: Stand, ends: Version): Promise<string[]> => {
  const wanted = `${RELEASES[ends]} ${lines}`;
  const said = await textAt(`${url}/healthcheck`).catch((error: unknown) => messageOf(error));
  return said === wanted ? [] : [`the API says "${said}", not "${wanted}"`];
};

const bearerProblems = async (stand: Stand, bearer: ContainerInspect, ends: Version): Promise<string[]> => {
  const { real, before } = stand;
  const [beforeImage, afterImage] = await Promise.all([
    real.engine.image(before.Image),
    real.engine.image(bearer.Image),
  ]);
  const found = differences({
    before,
    after: bearer,
    beforeImage: must(beforeImage, 'the old image'),
    afterImage: must(afterImage, 'the new image'),
  });
  const raw = rawDiff(stand.rawBefore, await rawInspect(real, bearer.Id));
  return [
    ...raw.map((difference) => `${nameOf(bearer)}, as the engine says it: ${difference}`),
    // Docker 28 draws the MAC addresses of one and the same container anew at each start.
    ...(bearer.Id === before.Id ? [] : found).map((difference) => `${nameOf(bearer)}: ${difference}`),
    ...(bearer.State.Running ? [] : [`${nameOf(bearer)} does not run`]),
    ...(bearer.State.Health?.Status === 'unhealthy' ? [`${nameOf(bearer)} is unhealthy`] : []),
    ...(bearer.Config.Image?.endsWith(`:${TAGS[ends]}`) ? [] : [`it runs ${bearer.Config.Image}`]),
    ...(ends === 'new' || bearer.Id === before.Id ? [] : ['the old container is another one']),
    ...(samePolicy(bearer.HostConfig.RestartPolicy, before.HostConfig.RestartPolicy)
      ? []
      : [`its restart policy is ${bearer.HostConfig.RestartPolicy.Name}`]),
  ];
};

const keptProblems = ({ before }: Stand, kept: ContainerInspect | undefined): string[] => {
  if (!kept) return ['no old container is kept'];
  return [
    ...(kept.State.Running ? ['the kept container runs'] : []),
    ...(kept.Id === before.Id ? [] : ['the kept container is not the old one']),
    ...(kept.HostConfig.RestartPolicy.Name === 'no' ? [] : ['the kept container has a restart policy']),
  ];
};

const absentVolume = async (docker: Dockerode, name: string): Promise<boolean> => {
  try {
    await docker.getVolume(name).inspect();
    return false;
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error && error.statusCode === 404) return true;
    throw error;
  }
};

export const volumesOf = ({ Mounts }: ContainerInspect): string[] =>
  (Mounts ?? []).flatMap(({ Type, Name }) => (Type === 'volume' && Name ? [Name] : []));

const volumeProblems = async ({ real, before }: Stand): Promise<string[]> => {
  const names = volumesOf(before);
  const absent = await Promise.all(names.map((name) => absentVolume(real.docker, name)));
  return names.filter((_name, at) => absent[at]).map((name) => `the volume ${name} is lost`);
};

/** All that is not as it must be once a run rests; empty when the service is wholly `ends` and nothing is left over. */
export const problemsOf = async (stand: Stand, ends: Version): Promise<string[]> => {
  const all = await containersOf(stand);
  const bearer = all.find((one) => nameOf(one) === stand.service);
  const kept = all.find((one) => nameOf(one).startsWith(`${stand.service}__prev_`));
  const wanted = new Set<ContainerInspect | undefined>(ends === 'new' ? [bearer, kept] : [bearer]);
  const rest = all.filter((one) => !wanted.has(one)).map((one) => `${nameOf(one)} is left over`);
  const checks = [
    bearer ? await bearerProblems(stand, bearer, ends) : [`nothing bears the name ${stand.service}`],
    ends === 'new' ? keptProblems(stand, kept) : [],
    await answerProblems(stand, ends),
    await volumeProblems(stand),
  ];
  return [...rest, ...checks.flat()];
};

/** The chain verifies, every call has its end, and every end of a run has the head of the journal. */
export const journalProblems = async ({ state }: Stand): Promise<string[]> => {
  const verdict = await verify(state);
  if (!verdict.ok) return [`the journal does not verify: ${verdict.why}`];
  const lines = linesIn(state);
  return [...unended(lines), ...unanchored(lines)];
};

/** How often the migration has run. */
export const migrationsOf = async ({ url }: Stand): Promise<number> =>
  (await textAt(`${url}/migrations`)).split('\n').filter(Boolean).length;
