import { z } from 'zod';
import { defineCommand } from '../src/command.js';
import { runView } from '../src/views/run.js';
import { referTo } from './reference.js';

export const rollback = defineCommand({
  name: 'rollback',
  summary: 'Starts the kept old containers again; no pull, no create.',
  usage: '[run|service] [restored "what was restored"]',
  example: 'rollback cinder',
  verb: 'rollback',
  positionals: ['run'],
  options: ['restored'],
  args: z.strictObject({
    run: z.string().optional(),
    restored: z.string().trim().min(5, 'which backup was restored, in quotes').optional(),
  }),
  run: async (app, args, context) => {
    const { run } = referTo(app, args.run, context);
    return runView(await app.rollback(context.actor, run, args.restored));
  },
});
