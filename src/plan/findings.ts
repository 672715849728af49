import { balancerFindings } from './balancers.js';
import { configFindings } from './configs.js';
import { badJump, crosses } from './crossing.js';
import { keyOf } from './images.js';
import type { PlanInput } from './input.js';
import { allFound } from './observe.js';
import { ownerFindings } from './owners.js';
import type { Finding } from './plan.js';
import { registryFindings } from './registries.js';
import { AND_RESTART, at, block, health, hosts, leftovers, warn } from './standing.js';

type Check = (input: PlanInput) => readonly Finding[];
const obstacles: Check = ({ obstacles: all }) =>
  all.map(({ code, text, wayOut }) => block(code, text, wayOut));

const jump: Check = ({ choice, overrides }) => {
  const bad = badJump(choice);
  if (!bad)
    return choice.release
      ? []
      : [
          warn(
            'release-unknown',
            `The release of tag ${choice.tag} is not known: it is treated as a new release.`,
          ),
        ];
  if (bad.down)
    return [
      block(
        'downgrade',
        bad.reason,
        'To go back after an upgrade use Roll back; a database downgrade is never supported.',
      ),
    ];
  if (overrides.jump) return [warn('jump', `${bad.reason} Overridden: "${overrides.jump}".`)];
  return [
    block('jump', bad.reason, 'Go step by step, or give a reason: `override "why"`; approvers will see it.'),
  ];
};

const mixed: Check = ({ choice }) =>
  choice.runningTags.length > 1
    ? [
        warn(
          'releases-mixed',
          `Containers of the service already run different tags: ${choice.runningTags.join(', ')}. Those at the target stay as they are.`,
        ),
      ]
    : [];

const unreachableApi: Check = ({ observation }) =>
  allFound(observation)
    .filter((found) => found.entry.name === observation.service.api.container && found.probeUrl === null)
    .map((found) =>
      warn(
        'api-not-probed',
        `The API of ${at(found)} is not reachable from here: no api_address. Its downtime is not measured.`,
      ),
    );

const shapes: Check = ({ observation }) =>
  allFound(observation).flatMap((found) => [
    ...found.unsupported.map((why) =>
      block(
        'shape',
        `${at(found)} cannot be copied faithfully: ${why}`,
        'Recreate it without that, or upgrade it by hand.',
      ),
    ),
    ...found.joined.map(({ name, by }) =>
      by === 'volumes-from'
        ? warn(
            'joined',
            `${name} takes its volumes from ${at(found)}: it keeps them, but a later recreate of ${name} needs the name to be there.`,
          )
        : block(
            'joined',
            `${name} shares the ${by} namespace of ${at(found)}: a swap would leave it on a dead one.`,
            `Stop ${name} for the window, or recreate it without that.`,
          ),
    ),
  ]);

const images: Check = ({ observation, targets }) =>
  allFound(observation).flatMap((found) => {
    const seen = targets.get(keyOf(found));
    return seen?.problem && !seen.current
      ? [
          block(
            'image',
            `${seen.target.ref} cannot be had on ${found.seen.host}: ${seen.problem}.`,
            'Check the tag, the registry and Docker’s credentials on the bot, or load the image on the host.',
          ),
        ]
      : seen?.unasked
        ? [
            warn(
              'registry-silent',
              `Whether there is a newer ${seen.target.ref} for ${at(found)} is unknown: ${seen.unasked}. It stays as it is.`,
            ),
          ]
        : [];
  });

const goneImages: Check = ({ observation, targets }) =>
  allFound(observation)
    .filter((found) => found.imageGone && targets.get(keyOf(found))?.current !== true)
    .map((found) =>
      block(
        'image-gone',
        `The image that ${at(found)} runs is gone from there: what the container was given cannot be told from the image's defaults.`,
        `Bring it back on the host (where images lie in containerd: docker pull ${found.seen.imageRef.replace(/(@.*|:[^/:]*)$/, '')}@${found.seen.imageId}), or deploy the container again.`,
      ),
    );

const GIB = 1024 ** 3;

const disk: Check = ({ observation, targets, config }) =>
  observation.hosts
    .filter(({ found }) => found.some((one) => targets.get(keyOf(one))?.pull))
    .flatMap(({ host, freeBytes }) => {
      if (freeBytes === null)
        return [warn('disk', `Free space on ${host.name} is unknown: df could not be run in a container.`)];
      if (freeBytes >= config.disk_free.gigabytes * GIB) return [];
      return [
        block(
          'disk',
          `${host.name} has ${(freeBytes / GIB).toFixed(1)} GiB free; ${config.disk_free.gigabytes} GiB are wanted for new images.`,
          `Free some space, or lower disk_free in the hosts file ${AND_RESTART}.`,
        ),
      ];
    });

/** The one-off containers of the migrations take their surroundings from the API container that is swapped. */
const migrations: Check = ({ observation, choice, targets }) => {
  const { api, migrations: all, name } = observation.service;
  if (!crosses(choice) || all.length === 0) return [];
  const apis = allFound(observation).filter((found) => found.entry.name === api.container);
  if (apis.length === 0)
    return [
      block(
        'no-api',
        `No ${api.container} was found: the plan crosses a release, and the database migrations of ${name} have nowhere to run.`,
        `Put the host that has it into the hosts file ${AND_RESTART}.`,
      ),
    ];
  return apis.every((found) => targets.get(keyOf(found))?.current)
    ? [
        warn(
          'no-migrations',
          `${api.container} runs ${choice.tag} already: no database migration is in this plan, neither now nor at Finalize.`,
        ),
      ]
    : [];
};

const backup: Check = ({ observation, choice, overrides }) => {
  if (observation.service.rollback !== 'D' || !crosses(choice)) return [];
  if (overrides.backup) return [warn('backup', `Backup vouched for: "${overrides.backup}".`)];
  return [
    block(
      'backup',
      `Going back after ${observation.service.name}'s schema change needs the database restored (class D), and no snapshot is taken.`,
      'Take a backup and give your word: `backup "what and where"`; approvers will see it.',
    ),
  ];
};

const asked: Check = ({ askProblems }) => askProblems;

const CHECKS: readonly Check[] = [
  obstacles,
  hosts,
  jump,
  configFindings,
  migrations,
  backup,
  ownerFindings,
  balancerFindings,
  health,
  shapes,
  registryFindings,
  images,
  goneImages,
  disk,
  leftovers,
  mixed,
  unreachableApi,
  asked,
];

/** All findings, those that block first. */
export const findingsOf = (input: PlanInput): readonly Finding[] => {
  const all = CHECKS.flatMap((check) => check(input));
  return [
    ...all.filter((finding) => finding.level === 'block'),
    ...all.filter((finding) => finding.level === 'warn'),
  ];
};
