import { defineCommand } from '../src/command.js';
import { runView } from '../src/views/run.js';
import { referToPlan, runArgs } from './reference.js';

export const finalize = defineCommand({
  name: 'finalize',
  summary:
    'Keeps the new version for good and removes the old containers; needs the approvals of an upgrade.',
  usage: '[run]',
  example: 'finalize r1a2b3c4',
  verb: 'finalize',
  positionals: ['run'],
  options: [],
  args: runArgs,
  run: async (app, args, context) => {
    const { run } = referToPlan(app, { verb: 'finalize', word: args.run }, context);
    return runView(await app.finalize(context.actor, run));
  },
});
