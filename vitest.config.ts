import { configDefaults, defineConfig } from 'vitest/config';
import { leftOutReporter } from './test/setup/reporter.js';

const APART = [
  {
    files: 'test/openstack/**',
    why: 'a real OpenStack takes root and about a quarter of an hour: npm run test:openstack',
  },
  {
    files: 'test/newer-engine/**',
    why: 'a newer Docker Engine takes root and Debian: npm run test:newer-engine',
  },
];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...APART.map(({ files }) => files)],
    pool: 'forks',
    maxWorkers: 2,
    maxConcurrency: 24,
    // A landing on a shared, overloaded CI machine gets one second try, which is told by name; a person gets none.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default', leftOutReporter(APART)],
  },
});
