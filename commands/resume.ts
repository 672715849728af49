import { defineCommand } from '../src/command.js';
import { runView } from '../src/views/run.js';
import { referTo, runArgs } from './reference.js';

export const resume = defineCommand({
  name: 'resume',
  summary: 'Goes on with a run that waits for a person.',
  usage: '[run|service]',
  example: 'resume cinder',
  verb: 'resume',
  positionals: ['run'],
  options: [],
  args: runArgs,
  run: async (app, args, context) => {
    const { run } = referTo(app, args.run, context);
    return runView(await app.resume(context.actor, run));
  },
});
