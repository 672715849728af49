import { defineConfig } from 'vitest/config';
import { leftOutReporter } from './test/setup/reporter.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    maxConcurrency: 24,
    retry: 0,
    testTimeout: 20_000,
    hookTimeout: 120_000,
    reporters: ['default', leftOutReporter()],
  },
});
