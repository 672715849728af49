import type { TestProject } from 'vitest/node';
import { ENGINES, noOtherDebian, unpackEngine } from './missing.js';
import { startPrivateEngine } from './private-engine.js';

/** Starts the engine of one project, where this machine can; where it cannot, each test says why it is left out. */
export default async ({ config }: TestProject): Promise<(() => Promise<void>) | undefined> => {
  if (noOtherDebian() !== undefined) return undefined;
  const { STACKSWAP_TEST_SUITE: suite, STACKSWAP_TEST_STORE: store, STACKSWAP_TEST_HOME: home } = config.env;
  if (typeof suite !== 'string' || typeof home !== 'string') throw new Error('the project names no engine');
  const engine = await startPrivateEngine({
    home,
    programs: unpackEngine(suite, ENGINES),
    store: store === 'containerd' ? 'containerd' : 'classic',
  });
  const { Version, ApiVersion } = await engine.docker.version();
  console.log(`Docker Engine ${Version} (API ${ApiVersion}, ${store} image store) at ${engine.socketPath}`);
  return engine.remove;
};
