import type { SimContainer } from './container.js';
import type { SimHost } from './world.js';

/** The tar of a path inside a simulated container. */
export const readFiles = (_host: SimHost, _container: SimContainer, _path: string): Buffer | undefined =>
  undefined;

/** Extracts a tar inside a simulated container. */
export const writeFiles = (
  _host: SimHost,
  _container: SimContainer,
  _what: { path: string; tar: Buffer },
): void => {
  throw new Error('the simulated engine has no files yet');
};
