import { RELEASES, type Release, releaseNamed, releaseOfTag } from '../catalogue/releases.js';
import type { Config } from '../config.js';
import { Refusal } from '../errors.js';
import { allFound, type Observation } from './observe.js';
import { parseReference } from './reference.js';
import { AND_RESTART } from './standing.js';

/** Where the upgrade goes: one tag for all containers of the service. */
export type Choice = {
  readonly tag: string;
  readonly release: Release | undefined;
  /** Releases that run now; more than one when an earlier upgrade was left half done. */
  readonly running: readonly (Release | undefined)[];
  readonly runningTags: readonly string[];
};

const releaseFor = (tag: string, config: Config): Release | undefined => {
  const named = Object.entries(config.releases).find(([, value]) => value.tag === tag);
  return named ? releaseNamed(named[0]) : releaseOfTag(tag);
};

/** A release's tag: as the hosts file says, else the running tag with the release in front exchanged. */
const tagFor = (release: Release, config: Config, runningTags: readonly string[]): string => {
  const configured = config.releases[release.id] ?? config.releases[release.name];
  if (configured) return configured.tag;
  const running = runningTags[0] ?? '';
  const [first, ...rest] = running.split('-');
  if (first && releaseNamed(first)) return [release.id, ...rest].join('-');
  throw new Refusal(
    'unknown-release',
    `The tag of release ${release.id} cannot be derived from the running tag "${running}".`,
    `Name the tag (\`to <tag>\`), or set releases: {"${release.id}": {tag: …}} in the hosts file ${AND_RESTART}.`,
  );
};

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];

const TAG = /^[\w][\w.-]{0,127}$/;

/** Understands `to`: a release, a tag, or nothing (a newer build of the running release). Pure. */
export const chooseTarget = (observation: Observation, to: string | undefined, config: Config): Choice => {
  const runningTags = unique(allFound(observation).map((one) => parseReference(one.seen.imageRef).tag));
  const running = unique(runningTags.map((tag) => releaseFor(tag, config)));
  const choice = (tag: string): Choice => ({ tag, release: releaseFor(tag, config), running, runningTags });
  if (to === undefined) {
    const [only, ...others] = runningTags;
    if (only !== undefined && others.length === 0) return choice(only);
    throw new Refusal(
      'unknown-release',
      `Containers of ${observation.service.name} run several tags (${runningTags.join(', ')}).`,
      'Say where to go: `to <release or tag>`.',
    );
  }
  const release = releaseNamed(to);
  if (release) return choice(tagFor(release, config, runningTags));
  if (TAG.test(to)) return choice(to);
  throw new Refusal(
    'unknown-release',
    `"${to}" is neither a release nor an image tag.`,
    `Releases: ${RELEASES.map((one) => one.id).join(', ')}.`,
  );
};
