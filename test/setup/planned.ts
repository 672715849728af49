import { createVitest } from 'vitest/node';

/** Says, as JSON, each file that `vitest run` would play, as often as it would, with the second tries that it has. */
const vitest = await createVitest('test', { run: true, watch: false, reporters: [] });
const planned = (await vitest.globTestSpecifications()).map(({ moduleId, project }) => ({
  file: moduleId.slice(vitest.config.root.length + 1),
  tries: project.config.retry,
}));
await vitest.close();
process.stdout.write(JSON.stringify(planned));
