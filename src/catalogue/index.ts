import { Refusal } from '../errors.js';
import { cinder } from './cinder.js';
import { glance } from './glance.js';
import { keystone } from './keystone.js';
import { placement } from './placement.js';
import type { Service } from './service.js';

/** In kolla-ansible's site order, which is the order in which a whole cloud is upgraded. */
export const SERVICES: readonly Service[] = [keystone, glance, cinder, placement];

export const serviceNamed = (name: string): Service => {
  const found = SERVICES.find((service) => service.name === name);
  if (found) return found;
  throw new Refusal(
    'unknown-service',
    `There is no service "${name}" in the catalogue.`,
    `Known: ${SERVICES.map((service) => service.name).join(', ')}. CONTRIBUTING.md tells how to add one.`,
  );
};
