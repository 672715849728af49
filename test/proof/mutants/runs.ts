import type { Mutant } from './mutant.js';

/** The run as a whole: order, recovery, the way back, Finalize. */
export const RUNS: readonly Mutant[] = [
  {
    name: 'a step is done before it is performed',
    file: 'src/run/go-forward.ts',
    find: `  try {
    await perform(step, context);
  } catch`,
    replace: `  await bench.emit({ kind: 'step-done', part, index, ms: 0 });
  try {
    await perform(step, context);
  } catch`,
    why: 'after a death the rest of it is never done',
    strategy: 'flaps',
  },
  {
    name: 'a step is undone before it is taken back',
    file: 'src/run/go-back.ts',
    find: `  await undo(step, context);
  await bench.emit({ kind: 'undone', index, ms: bench.clock.now() - began });`,
    replace: `  await bench.emit({ kind: 'undone', index, ms: bench.clock.now() - began });
  await undo(step, context);`,
    why: 'after a death both versions stand still',
  },
  {
    name: 'the decision to go back is not journaled',
    file: 'src/run/runner.ts',
    find: "  await bench.emit({ kind: 'rollback', by: BOT, why });",
    replace: "  await bench.emit({ kind: 'noted', text: why });\n  await goBack(bench);",
    why: 'after a death the run goes forward again over what was half undone',
  },
  {
    name: 'somebody’s click to go back is not looked at between two calls',
    file: 'src/run/context-for.ts',
    find: "    if (!back && bench.run().direction === 'back') throw new Aborted('a roll back was decided');\n",
    replace: '',
    why: 'the upgrade goes on, to its end, after people were told that it goes back',
    strategy: 'one-way',
  },
  {
    name: 'resumed, a run goes forward although it was going back',
    file: 'src/run/phase.ts',
    find: "  back: 'rolling-back',\n",
    replace: "  back: 'running',\n",
    why: 'a decision to go back is one-way',
  },
  {
    name: 'going back forgets its direction',
    file: 'src/run/reduce.ts',
    find: "        direction: 'back',\n",
    replace: '',
    why: 'after a death the run goes forward again',
    strategy: 'rename-first',
  },
  {
    name: 'what a dead process left is not marked',
    file: 'src/run/recover.ts',
    find: "      await journal.append(run.id, { kind: 'interrupted' });\n",
    replace: "      await journal.append(run.id, { kind: 'noted', text: 'found at the start' });\n",
    why: 'a run that nobody works on waits for ever',
  },
  {
    name: 'an approval outlives a restart of the bot',
    file: 'src/run/recover.ts',
    find: "if (run.phase === 'approved')",
    replace: 'if (Date.now() < 0)',
    why: 'hours may lie between the approval and the start',
    strategy: 'cannot-start',
  },
  {
    name: 'the last steps of a run are undone only in part',
    file: 'src/run/go-back.ts',
    find: "['started', 'done', 'failed'].includes(state.status)",
    replace: "['done', 'failed'].includes(state.status)",
    why: 'what a death cut in half stays half',
  },
  {
    name: 'the drained servers of a dead process wait for a person',
    file: 'src/build-app.ts',
    find: '      for (const { id } of waiting) behind.tidy(id);\n',
    replace: '',
    why: 'people may answer hours later, and the API has one server less until then',
    strategy: 'drained',
  },
  {
    name: 'a migration whose container has ended is run again',
    file: 'src/steps/migrate.ts',
    find: 'return seen.State.Running || wasStarted(seen.State.StartedAt);',
    replace: 'return seen.State.Running;',
    why: 'a second migration meets what the first one left half done',
  },
  {
    name: 'a migration’s container is left on the host',
    file: 'src/steps/migrate.ts',
    find: '    if (createdId) await containerOf(context, { host: step.host, id: createdId, label: name }).tidyAway();\n',
    replace: '',
    why: 'each upgrade leaves a container that nobody is told of',
  },
  {
    name: 'going back is allowed after the schema’s last part has moved',
    file: 'src/run/going-back.ts',
    find: "    if (step.kind === 'migrate')\n      return",
    replace: "    if (step.kind === 'migrate' && Date.now() < 0)\n      return",
    why: 'the old version finds no column that it needs',
    strategy: 'migrated+unit',
  },
  {
    name: 'going back needs no restored database',
    file: 'src/run/going-back.ts',
    find: '    if (ran && !same) return step;',
    replace: '    if (ran && !same && Date.now() < 0) return step;',
    why: 'the old version writes into a schema that it does not know',
    strategy: 'one-way',
  },
  {
    name: 'Finalize leaves the kept ones',
    file: 'src/steps/retire.ts',
    find: '    await kept.remove();\n',
    replace: '',
    why: 'finalized, and the old containers are still there',
  },
  {
    name: 'Finalize removes the kept one although the new one does not serve',
    file: 'src/run/finalize-run.ts',
    find: 'if (dead.length > 0)',
    replace: 'if (Date.now() < 0)',
    why: 'the only way back from a dead new version is gone',
    test: 'test/run/ways-out.test.ts',
  },
];
