import { defineCommand } from '../src/command.js';
import { dryRunView } from '../src/views/plan.js';
import { requestArgs, requestWords } from './request.js';

export const plan = defineCommand({
  name: 'plan',
  summary: 'Shows what an upgrade would do, and starts nothing.',
  ...requestWords,
  example: 'plan cinder to 2025.2',
  verb: 'look',
  args: requestArgs,
  run: async (app, request, { actor }) => dryRunView(await app.plan(actor, request)),
});
