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

/** Who may do what, and what is done twice: what fails here now and then is the finding. */
const AT_ONCE = 'test/{app,authority,injection,redact,run,slack,store}/**/*.test.ts';

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    maxConcurrency: 24,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default', leftOutReporter(APART)],
    projects: [
      { extends: true, test: { name: 'at once', include: [AT_ONCE], retry: 0 } },
      {
        extends: true,
        test: {
          name: 'on this machine',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, AT_ONCE, ...APART.map(({ files }) => files)],
          // A landing on a shared, overloaded CI machine gets one second try, which is told by name; a person gets none.
          retry: process.env.CI ? 1 : 0,
        },
      },
    ],
  },
});
