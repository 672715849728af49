import { z } from 'zod';
import { defineCommand } from '../src/command.js';
import { runView } from '../src/views/run.js';
import { referTo } from './reference.js';

export const reject = defineCommand({
  name: 'reject',
  summary: 'Turns a request down, for all.',
  usage: '[run|service] [reason "why"]',
  example: 'reject cinder reason "not during the day"',
  verb: 'reject',
  positionals: ['run'],
  options: ['reason'],
  args: z.strictObject({ run: z.string().optional(), reason: z.string().optional() }),
  run: async (app, args, context) => {
    const { run } = referTo(app, args.run, context);
    return runView(await app.reject(context.actor, run, args.reason));
  },
});
