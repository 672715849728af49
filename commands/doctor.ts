import { z } from 'zod';
import { defineCommand } from '../src/command.js';
import { doctorView } from '../src/views/doctor.js';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Checks whether the hosts are ready for an upgrade, and says what to do. Changes nothing.',
  usage: '[host]',
  example: 'doctor control1',
  verb: 'look',
  positionals: ['host'],
  options: [],
  args: z.strictObject({ host: z.string().optional() }),
  run: async (app, { host }, { actor }) => doctorView(await app.doctor(actor, host)),
});
