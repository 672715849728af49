import { defineCommand } from '../src/command.js';
import { runView } from '../src/views/run.js';
import { referToPlan, runArgs } from './reference.js';

export const approve = defineCommand({
  name: 'approve',
  summary: 'Agrees to the plan of a request, exactly as it was shown; in its thread no id is needed.',
  usage: '[run]',
  example: 'approve r1a2b3c4',
  verb: 'approve',
  positionals: ['run'],
  options: [],
  args: runArgs,
  run: async (app, args, context) => {
    const { run, fingerprint } = referToPlan(app, { verb: 'approve', word: args.run }, context);
    return runView(await app.approve(context.actor, run, fingerprint));
  },
});
