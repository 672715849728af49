import { defineCommand } from '../src/command.js';
import { runView } from '../src/views/run.js';
import { referTo, runArgs } from './reference.js';

export const finalize = defineCommand({
  name: 'finalize',
  summary:
    'Keeps the new version for good and removes the old containers; needs the approvals of an upgrade.',
  usage: '[run|service]',
  example: 'finalize cinder',
  verb: 'finalize',
  positionals: ['run'],
  options: [],
  args: runArgs,
  run: async (app, args, context) => {
    const { run } = referTo(app, args.run, context);
    return runView(await app.finalize(context.actor, run));
  },
});
