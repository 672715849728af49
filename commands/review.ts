import { z } from 'zod';
import { defineCommand } from '../src/command.js';
import { runView } from '../src/views/run.js';
import { referTo } from './reference.js';

export const review = defineCommand({
  name: 'review',
  summary: 'Says what you found when you looked at a run that was started without approvals.',
  usage: '<run> "what you found"',
  example: 'review r1a2b3c4 "the API was down, two people were called, both agree"',
  verb: 'review',
  positionals: ['run', 'text'],
  options: [],
  args: z.strictObject({
    run: z.string(),
    text: z.string().trim().min(10, 'a sentence of at least 10 letters, in quotes'),
  }),
  run: async (app, args, context) => {
    const { run } = referTo(app, args.run, context);
    return runView(await app.review(context.actor, run, args.text));
  },
});
