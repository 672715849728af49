import { SERVICES } from '../catalogue/index.js';
import { RELEASES, releaseNamed } from '../catalogue/releases.js';
import type { Config } from '../config.js';
import { Refusal } from '../errors.js';

/** Settings by service or release whose name the catalogue does not know: a misspelt one would be silently ignored. */
export const requireKnownNames = (config: Config): void => {
  const services = SERVICES.map(({ name }) => name);
  const strange = (path: string, settings: object): readonly string[] =>
    Object.keys(settings)
      .filter((name) => !services.includes(name))
      .map((name) => `${path}.${name}: no service of the catalogue (${services.join(', ')})`);
  const unknown = (path: string, names: readonly string[]): readonly string[] =>
    names
      .filter((name) => !releaseNamed(name))
      .map((name) => `${path}${name}: no release (${RELEASES.map(({ id }) => id).join(', ')})`);
  const problems = [
    ...config.hosts.flatMap(({ ports }, index) => strange(`hosts.${index}.ports`, ports)),
    ...strange('policy.services', config.policy.services),
    ...strange('front_door', config.front_door),
    ...unknown('releases.', Object.keys(config.releases)),
    ...config.hosts.flatMap(({ config_fits }, index) => unknown(`hosts.${index}.config_fits: `, config_fits)),
  ];
  if (problems.length > 0)
    throw new Refusal(
      'bad-config',
      `Settings: ${problems.join('; ')}.`,
      'docs/configuration.md describes every setting.',
    );
};
