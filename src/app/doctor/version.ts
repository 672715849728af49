import { SPOKEN } from '../../engine/api-version.js';
import type { EngineInfo } from '../../engine/port.js';
import { type Check, type HostCheck, know, mend, well } from './check.js';
import { compareVersions, fixFor, type Hole, holesOf, isDistribution } from './holes.js';

/** The adapter itself refuses an engine with which it has no version in common. */
const apiCheck = ({ apiVersion, newestApiVersion = apiVersion }: EngineInfo): Check => {
  if (compareVersions(apiVersion, SPOKEN.oldest) < 0)
    return mend('api-version', {
      what: `The engine speaks API ${apiVersion}; ${SPOKEN.oldest} or newer is needed.`,
      why: 'Containers could not be copied faithfully.',
      wayOut: 'Upgrade the engine (Docker 20.10 or newer) in a maintenance window of its own.',
    });
  if (compareVersions(newestApiVersion, SPOKEN.newest) > 0)
    return know('api-version', {
      what: `The engine speaks API ${newestApiVersion}, newer than those that Stackswap was made for; it is spoken to in ${SPOKEN.newest}.`,
      why: 'No upgrade was ever tried on an engine that new.',
      wayOut: 'Begin with a service that matters least, and read its plan’s findings.',
    });
  return well('api-version', `The engine is spoken to in API ${apiVersion}.`);
};

const isPodman = ({ parts = [] }: EngineInfo): boolean => parts.some(({ name }) => name === 'Podman Engine');

type Part = { readonly name: string; readonly version: string; readonly build: string };

const calledOf = ({ name, version, build }: Part): string =>
  `${name === 'Engine' ? 'Docker Engine' : name} ${isDistribution(version, build) && build.startsWith(version) ? build : version}`;

const idsOf = (version: string, holes: readonly Hole[]): string =>
  holes.map((hole) => `${hole.id} (mended in ${fixFor(version, hole)})`).join('; ');

const letsOf = (holes: readonly Hole[]): string => [...new Set(holes.map(({ lets }) => lets))].join('; or ');

/** Distributions mend holes without a new version, so their builds are never called broken here. */
const holeCheck = (part: Part, holes: readonly Hole[]): Check => {
  const ids = idsOf(part.version, holes);
  const why = `Where it is open, it lets ${letsOf(holes)}.`;
  if (isDistribution(part.version, part.build))
    return know('holes', {
      what: `${calledOf(part)} is, by its number alone, older than the fix of ${ids}.`,
      why,
      wayOut: 'Ask your distribution’s security tracker: its build may have the fix under the old number.',
    });
  const level = holes.some(({ weight }) => weight === 'mend') ? mend : know;
  return level('holes', {
    what: `${calledOf(part)} is older than the fix of ${ids}.`,
    why,
    wayOut: 'Upgrade the engine in a window of its own: it may restart containers.',
  });
};

const partsOf = ({ version, parts = [] }: EngineInfo): readonly Part[] =>
  parts.length > 0 ? parts : [{ name: 'Engine', version, build: '' }];

export const version: HostCheck = async ({ info }) => {
  if (isPodman(info))
    return [
      apiCheck(info),
      know('engine', {
        what: `The engine is Podman ${info.version}.`,
        why: 'Stackswap was never tried with it.',
        wayOut: 'Rehearse an upgrade and a roll back on a host that matters little.',
      }),
    ];
  const parts = partsOf(info);
  const open = parts.flatMap((part) => {
    const holes = holesOf(info, part);
    return holes.length > 0 ? [holeCheck(part, holes)] : [];
  });
  const known = parts.filter(({ name }) => name === 'Engine' || name === 'runc').map(calledOf);
  return [
    apiCheck(info),
    ...(open.length > 0 ? open : [well('holes', `No hole is known here for ${known.join(' and ')}.`)]),
  ];
};
