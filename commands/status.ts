import { z } from 'zod';
import { defineCommand } from '../src/command.js';
import { statusView } from '../src/views/status.js';

export const status = defineCommand({
  name: 'status',
  summary: 'Shows what runs now, what is on hold, and what waits for a person.',
  usage: '[service]',
  example: 'status cinder',
  verb: 'look',
  positionals: ['service'],
  options: [],
  args: z.strictObject({ service: z.string().optional() }),
  run: async (app, { service }, { actor }) => statusView(await app.status(actor, service?.toLowerCase())),
});
