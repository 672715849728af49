import type { Config } from '../config.js';
import { keyOf, type SeenTargets } from './images.js';
import { allFound, type Found, type Observation } from './observe.js';
import type { Finding } from './plan.js';
import { isAllowed, registryName } from './reference.js';
import { AND_RESTART, at, block, warn } from './standing.js';

/**
 * Where images may come from: what the hosts file lists; without a list its one registry, and without that the
 * registries of the containers that run.
 */
export const allowedRegistries = (
  { images }: Pick<Config, 'images'>,
  running: readonly Found[],
): readonly string[] => {
  if (images.registries) return images.registries;
  return images.registry ? [images.registry] : running.map(({ seen }) => registryName(seen.imageRef));
};

type Looked = {
  readonly observation: Observation;
  readonly targets: SeenTargets;
  readonly config: Pick<Config, 'images'>;
};

/** An image from where nobody expects it is not pulled, and containers of one service come from one place. */
export const registryFindings = ({ observation, targets, config }: Looked): readonly Finding[] => {
  const found = allFound(observation);
  const allowed = allowedRegistries(config, found);
  const foreign = found.flatMap((one) => {
    const ref = targets.get(keyOf(one))?.target.ref;
    return ref === undefined || isAllowed(ref, allowed)
      ? []
      : [
          block(
            'registry-foreign',
            `${ref} for ${at(one)} comes from a registry that is not allowed (${[...new Set(allowed)].join(', ')}).`,
            `If it is right, add it to images.registries in the hosts file ${AND_RESTART}; if not, set images.registry, or find out who put the running image there.`,
          ),
        ];
  });
  const used = [...new Set(found.map(({ seen }) => registryName(seen.imageRef)))];
  if (used.length < 2 || config.images.registry !== undefined || config.images.registries) return foreign;
  return [
    ...foreign,
    warn(
      'registry-mixed',
      `Containers of the service run images of several registries (${used.join(', ')}), and each would get its new image from its own.`,
      `Where that is not meant, name the right one: images.registry in the hosts file ${AND_RESTART}.`,
    ),
  ];
};
