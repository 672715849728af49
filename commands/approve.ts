import { defineCommand } from '../src/command.js';
import { runView } from '../src/views/run.js';
import { referTo, runArgs } from './reference.js';

export const approve = defineCommand({
  name: 'approve',
  summary: 'Agrees to the plan of a request, exactly as it was shown.',
  usage: '[run|service]',
  example: 'approve cinder',
  verb: 'approve',
  positionals: ['run'],
  options: [],
  args: runArgs,
  run: async (app, args, context) => {
    const { run, fingerprint } = referTo(app, args.run, context);
    return runView(await app.approve(context.actor, run, fingerprint));
  },
});
