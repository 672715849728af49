import type { Mutant } from './mutant.js';

const SWAP = 'src/steps/swap.ts';
const BACK = 'src/steps/swap-back.ts';

/** The exchange of one container, forward and back. */
export const SWAPPING: readonly Mutant[] = [
  {
    name: 'the new one is started before the old one is stopped',
    file: SWAP,
    find: `    await before.stop(step.graceSeconds);
    await before.rename(keptName(context.run, name));
    await installConfig(step, context);
    await after.rename(name);
  }`,
    replace: `    await before.rename(keptName(context.run, name));
    await installConfig(step, context);
    await after.rename(name);
    await after.start();
    await before.stop(step.graceSeconds);
  }`,
    why: 'two writers on one database, one port, one volume',
  },
  {
    name: 'whether the old one is dead is not looked at right before the start',
    file: SWAP,
    find: 'if (!(await before.isDead()))',
    replace: 'if (Date.now() < 0)',
    why: 'somebody who started the old one again makes it two writers',
    strategy: 'ends-early',
  },
  {
    name: 'the old one is found by its name',
    file: SWAP,
    find: 'const before = containerOf(context, { host, id: step.old.id, label: name, name, owner });',
    replace: 'const before = containerOf(context, { host, id: name, label: name, name, owner });',
    why: 'after the rename the name is the new one’s',
  },
  {
    name: 'the new one is found by its temporary name',
    file: SWAP,
    find: `  const newId = context.memory().createdId;
  if (!newId) throw new Error(\`the new \${name} on \${host} is not in the journal\`);`,
    replace: '  const newId = swapName(context.run, name);',
    why: 'after the rename nobody bears it',
  },
  {
    name: 'the id of the new one is not journaled',
    file: 'src/steps/create.ts',
    find: "    kind: 'created',\n    part,\n    index,\n    host,\n    name,\n    id,\n    ...(keptAs === undefined ? {} : { spec: keptAs }),",
    replace: "    kind: 'noted',\n    text: id,",
    why: 'after a death nobody knows which container is ours',
  },
  {
    name: 'the old one keeps its restart policy',
    file: SWAP,
    find: '  await before.setPolicy(NO_RESTART);\n',
    replace: '',
    why: 'a restart of the engine brings it back beside the new one',
  },
  {
    name: 'the new one does not get the restart policy',
    file: SWAP,
    find: '    await after.setPolicy(old.restartPolicy);\n',
    replace: '',
    why: 'after a reboot the service stays down',
  },
  {
    name: 'a unit out of reach is treated as if it were stopped',
    file: SWAP,
    find: "if (step.owner?.kind === 'rename-first') {",
    replace: 'if (Date.now() < 0) {',
    why: 'the unit starts whatever bears the name meanwhile',
    strategy: 'rename-first',
  },
  {
    name: 'the configuration is installed after the new one bears the name',
    file: SWAP,
    find: `    await before.stop(step.graceSeconds);
    await before.rename(keptName(context.run, name));
    await installConfig(step, context);
    await after.rename(name);`,
    replace: `    await before.stop(step.graceSeconds);
    await before.rename(keptName(context.run, name));
    await after.rename(name);
    await installConfig(step, context);`,
    why: 'whoever starts the name in between starts it with the old release’s configuration',
  },
  {
    name: 'a drained server is not put back',
    file: SWAP,
    find: '    await readyServers(step, context);\n  },\n  undo',
    replace: '  },\n  undo',
    why: 'the API has one server less, and nobody is told',
    strategy: 'drained',
  },
  {
    name: 'the kept one is removed before Finalize',
    file: SWAP,
    find: '    await readyServers(step, context);\n  },\n  undo',
    replace:
      '    await readyServers(step, context);\n    await containerOf(context, { host: old.host, id: old.id, label: old.name }).remove();\n  },\n  undo',
    why: 'there is no way back any more',
  },
  {
    name: 'the old configuration is not put back',
    file: BACK,
    find: '  await restoreConfig(step, context);\n',
    replace: '',
    why: 'the old version does not start with the new release’s configuration',
  },
  {
    name: 'the failed new one is left on the host',
    file: BACK,
    find: '  if (newId) await removeNew(step, context, newId);\n',
    replace: '',
    why: 'each failed upgrade leaves a container that nobody is told of',
  },
  {
    name: 'going back, the new one is not stopped',
    file: BACK,
    find: "    if (owner?.kind !== 'rename-first') await after.stop(step.graceSeconds);\n",
    replace: '',
    why: 'the old one is never started, or beside the new one',
  },
  {
    name: 'going back, the old one does not get its restart policy again',
    file: BACK,
    find: '  await before.setPolicy(step.old.restartPolicy);\n',
    replace: '',
    why: 'after a reboot the service stays down',
  },
  {
    name: 'whoever bears the name is put out of the way',
    file: 'src/steps/container.ts',
    find: '        call: () => engine.rename(id, name),',
    replace: `        call: async () => {
          const bearer = await engine.inspect(name);
          if (bearer && bearer.Id !== id) {
            await engine.stop(bearer.Id, 10);
            await engine.remove(bearer.Id);
          }
          await engine.rename(id, name);
        },`,
    why: 'somebody else’s container is not ours to remove',
  },
];
