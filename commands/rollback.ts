import { defineCommand } from '../src/command.js';
import { runView } from '../src/views/run.js';
import { referTo, runArgs } from './reference.js';

export const rollback = defineCommand({
  name: 'rollback',
  summary: 'Starts the kept old containers again; no pull, no create.',
  usage: '[run|service]',
  example: 'rollback cinder',
  role: 'operator',
  positionals: ['run'],
  options: [],
  args: runArgs,
  run: async (app, args, context) => {
    const { run } = referTo(app, args.run, context);
    return runView(await app.rollback(context.actor, run.id));
  },
});
