import { z } from 'zod';
import { defineCommand } from '../src/command.js';
import { historyView } from '../src/views/history.js';

export const history = defineCommand({
  name: 'history',
  summary: 'Lists the runs that were asked for, newest first.',
  usage: '[service]',
  example: 'history cinder',
  verb: 'look',
  positionals: ['service'],
  options: [],
  args: z.strictObject({ service: z.string().optional() }),
  run: async (app, { service }, { actor }) => historyView(await app.history(actor, service?.toLowerCase())),
});
