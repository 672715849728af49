import { defineCommand } from '../src/command.js';
import { runView } from '../src/views/run.js';
import { requestArgs, requestWords } from './request.js';

export const upgrade = defineCommand({
  name: 'upgrade',
  summary: 'Asks for an upgrade; it starts once enough approvers have agreed to its plan.',
  ...requestWords,
  example: 'upgrade cinder to 2025.2',
  verb: 'upgrade',
  args: requestArgs,
  run: async (app, request, { actor }) => runView(await app.upgrade(actor, request)),
});
