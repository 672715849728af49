import { defineCommand } from '../src/command.js';
import { runView } from '../src/views/run.js';
import { referTo, runArgs } from './reference.js';

export const cancel = defineCommand({
  name: 'cancel',
  summary: 'Takes a request back; one under way goes back, one that cannot go back is closed as it is.',
  usage: '[run|service]',
  example: 'cancel cinder',
  verb: 'cancel',
  positionals: ['run'],
  options: [],
  args: runArgs,
  run: async (app, args, context) => {
    const { run } = referTo(app, args.run, context);
    return runView(await app.cancel(context.actor, run));
  },
});
