import { z } from 'zod';
import { defineCommand } from '../src/command.js';

export const unhold = defineCommand({
  name: 'unhold',
  summary: 'Releases a service that is on hold.',
  usage: '<service>',
  example: 'unhold cinder',
  verb: 'unhold',
  positionals: ['service'],
  options: [],
  args: z.strictObject({ service: z.string() }),
  run: async (app, args, { actor }) => {
    const service = args.service.toLowerCase();
    await app.unhold(actor, service);
    return {
      summary: `${service} is no longer on hold.`,
      blocks: [
        {
          kind: 'line',
          line: [{ bold: service }, ' is no longer on hold; ', { person: actor }, ' released it.'],
        },
      ],
    };
  },
});
