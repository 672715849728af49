import type { Mutant } from './mutant.js';

const ACT = 'src/steps/act.ts';

/** How calls are made, what a container is made from, and who owns its process. */
export const ENGINE: readonly Mutant[] = [
  {
    name: 'a lost answer is a failure',
    file: ACT,
    find: `    if (failure === undefined) return;
    if (await look(context, action.satisfied)) return;`,
    replace: '    if (failure === undefined) return;\n    throw failure;',
    why: 'what took effect is undone or done again',
    strategy: 'unit-short',
  },
  {
    name: 'a conflict is the last word, and nobody looks before',
    file: ACT,
    find: `    if (await look(context, action.satisfied)) return;
    if (attempt === 0) context.checkpoint();
    const failure = await callOnce(context, action);
    if (failure === undefined) return;`,
    replace: `    if (attempt === 0) context.checkpoint();
    const failure = await callOnce(context, action);
    if (failure === undefined) return;
    if (failure instanceof EngineError && [400, 409].includes(failure.status ?? 0)) throw failure;`,
    why: 'what was done before a death cannot be gone on with',
  },
  {
    name: 'an intent names another container',
    file: 'src/steps/act.ts',
    find: "  await emit({ kind: 'call', part, index, host, op, target });",
    replace:
      "  await emit({ kind: 'call', part, index, host, op, target: op === 'rename' ? 'another' : target });",
    why: 'after a death nobody knows which container was being changed',
    strategy: 'engine',
  },
  {
    name: 'a call is skipped because the journal names it',
    file: ACT,
    find: `    if (await look(context, action.satisfied)) return;
    if (attempt === 0)`,
    replace: `    if (context.memory().lastCall === \`\${action.op} \${action.target}\`) return;
    if (attempt === 0)`,
    why: 'an intent says nothing of what took effect',
    strategy: 'unit-long',
  },
  {
    name: 'a call is made before its intent is journaled',
    file: ACT,
    find: "  await emit({ kind: 'call', part, index, host, op, target });\n",
    replace: '',
    why: 'after a death nobody knows what may have been done',
  },
  {
    name: 'the new one gets what the old image gave as if the operator had',
    file: 'src/engine/clone.ts',
    find: '    ...ownConfig(old.Config, oldImage.Config ?? {}),',
    replace: '    ...old.Config,',
    why: 'the new image’s own defaults are lost',
  },
  {
    name: 'the new one is made with the old one’s restart policy',
    file: 'src/engine/clone.ts',
    find: "      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },",
    replace: '',
    why: 'a new one that is not judged yet comes back at a restart of the engine',
  },
  {
    name: 'the unit is not stopped',
    file: 'src/engine/unit-owned.ts',
    find: '    if (bears(await engine.inspect(id))) await units.stop(unit);\n',
    replace: '',
    why: 'systemd starts it again after 11 s',
    strategy: 'unit-long',
  },
  {
    name: 'the stop of a dead bot is not waited for',
    file: 'src/steps/swap-back.ts',
    find: '  await outlastStop(step, context);\n',
    replace: '',
    why: 'the old version ends after the run said that it serves again',
    test: 'test/run/late-stop.test.ts',
  },
  {
    name: 'a unit’s container is started by the engine',
    file: 'src/engine/unit-owned.ts',
    find: '      await units.start(unit);\n      await awaitStarted(id, seen.State.StartedAt);',
    replace: '      await engine.start(id);',
    why: 'nobody watches it any more',
  },
  {
    name: 'a start through a unit is believed at once',
    file: 'src/engine/rename-first.ts',
    find: '      if (await startedByUnit(id)) return;\n',
    replace: '',
    why: 'the unit’s own stop command ends what was started a moment ago',
    strategy: 'rename-first',
  },
  {
    name: 'one good look is enough for health',
    file: 'src/probes/judge.ts',
    find: 'if (record.streak >= policy.successes && ageMs >= policy.minimum)',
    replace: 'if (record.streak >= 1)',
    why: 'a program that ends after two seconds passes for well',
    strategy: 'flaps',
  },
  {
    name: 'what is unhealthy goes on',
    file: 'src/steps/health.ts',
    find: "  if (safe.outcome === 'unhealthy') throw new StepFailed(sentenceOf(safe));\n",
    replace: '',
    why: 'an upgrade to a version that does not serve',
    strategy: 'ends-early',
  },
  {
    name: 'a volume goes with its container',
    file: 'src/engine/docker.ts',
    find: 'remove({ v: false, force: false })',
    replace: 'remove({ v: true, force: false })',
    why: 'anonymous volumes hold data, too',
    test: 'test/engine/docker.test.ts',
  },
];
