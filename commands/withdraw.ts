import { defineCommand } from '../src/command.js';
import { runView } from '../src/views/run.js';
import { referTo, runArgs } from './reference.js';

export const withdraw = defineCommand({
  name: 'withdraw',
  summary: 'Takes your own approval back, as long as nothing was changed.',
  usage: '[run|service]',
  example: 'withdraw cinder',
  verb: 'withdraw',
  positionals: ['run'],
  options: [],
  args: runArgs,
  run: async (app, args, context) => {
    const { run } = referTo(app, args.run, context);
    return runView(await app.withdraw(context.actor, run));
  },
});
