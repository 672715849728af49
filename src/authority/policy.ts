import { createHash } from 'node:crypto';
import { type Config, policyFor } from '../config.js';

/**
 * The rules under which a request is approved, as one word: it is journaled with the request, and where the settings say
 * something else by the time it would start, its approvals are void.
 */
export const policyHash = (config: Config, service: string): string => {
  const rules = Object.entries(policyFor(config, service)).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(rules)).digest('hex').slice(0, 16);
};
