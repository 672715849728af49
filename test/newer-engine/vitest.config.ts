import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { leftOutReporter } from '../setup/reporter.js';
import { noOtherDebian } from './missing.js';
import type { PrivateEngineOptions } from './private-engine.js';

/** Debian's release whose engine is tried: trixie has Docker 26.1 (API 1.45), forky 28.5 (API 1.51). */
const SUITE = process.env.STACKSWAP_TEST_SUITE ?? 'trixie';
const missing = noOtherDebian();

/** What the tests of an engine are, whichever answers at DOCKER_HOST. */
const ON_ANY_ENGINE = [
  'test/engine/contract-docker.test.ts',
  'test/engine/registry.test.ts',
  'test/engine/round-trip-*.test.ts',
];

/** Whole upgrades and rollbacks, over a bad connection, too. */
const RUNS = ['test/e2e/surroundings.test.ts', 'test/e2e/bad-wire.test.ts'];

const NEWER = [
  'test/newer-engine/identity.test.ts',
  'test/newer-engine/networks.test.ts',
  'test/newer-engine/matrix.test.ts',
];

/** One engine a project; it is started before the project's first test and taken away after its last. */
const project = (store: NonNullable<PrivateEngineOptions['store']>, include: readonly string[]) => {
  const home = join(tmpdir(), `stackswap-engine-${store.slice(0, 2)}-${process.pid}`);
  return {
    extends: true as const,
    test: {
      name: `${SUITE}, ${store} image store`,
      include: [...include],
      globalSetup: 'test/newer-engine/global-setup.ts',
      env: {
        DOCKER_HOST: `unix://${join(home, 'docker.sock')}`,
        STACKSWAP_TEST_SUITE: SUITE,
        STACKSWAP_TEST_STORE: store,
        STACKSWAP_TEST_HOME: home,
        ...(missing ? { STACKSWAP_NO_ENGINE: missing } : {}),
      },
    },
  };
};

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    retry: process.env.CI ? 1 : 0,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default', leftOutReporter()],
    projects: [
      project('classic', [...ON_ANY_ENGINE, ...RUNS, ...NEWER, 'test/newer-engine/halted.test.ts']),
      project('containerd', [...ON_ANY_ENGINE, ...NEWER]),
    ],
  },
});
