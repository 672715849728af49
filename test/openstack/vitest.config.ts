import { defineConfig } from 'vitest/config';
import { leftOutReporter } from '../setup/reporter.js';

/** Of its own, since it needs root and a quarter of an hour. Each test goes on from the one before. */
export default defineConfig({
  test: {
    include: ['test/openstack/**/*.test.ts'],
    pool: 'forks',
    bail: 1,
    retry: 0,
    reporters: ['verbose', leftOutReporter()],
  },
});
