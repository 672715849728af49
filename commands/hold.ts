import { z } from 'zod';
import { defineCommand } from '../src/command.js';
import { holdLine } from '../src/views/status.js';

export const hold = defineCommand({
  name: 'hold',
  summary: 'Keeps a service from being upgraded until it is released.',
  usage: '<service> "reason"',
  example: 'hold cinder "storage maintenance until Friday"',
  verb: 'hold',
  positionals: ['service', 'reason'],
  options: [],
  args: z.strictObject({ service: z.string(), reason: z.string().trim().min(3, 'a few words, in quotes') }),
  run: async (app, { service, reason }, { actor }) => {
    const held = await app.hold(actor, service.toLowerCase(), reason);
    return { summary: `${held.service} is on hold.`, blocks: [{ kind: 'line', line: holdLine(held) }] };
  },
});
