import { z } from 'zod';
import { SERVICES } from '../src/catalogue/index.js';
import { ROLLBACK_CLASSES, type Service } from '../src/catalogue/service.js';
import { defineCommand, type Line } from '../src/command.js';

const lineOf = (service: Service): Line => [
  { bold: service.name },
  `: ${service.containers.map((container) => container.name).join(', ')}. Class ${service.rollback}: ${ROLLBACK_CLASSES[service.rollback]}.`,
];

export const services = defineCommand({
  name: 'services',
  summary: 'Lists the services of the catalogue, in the order in which a cloud is upgraded.',
  usage: '',
  example: 'services',
  verb: 'look',
  positionals: [],
  options: [],
  args: z.strictObject({}),
  run: async () => ({
    summary: `${SERVICES.length} services: ${SERVICES.map((service) => service.name).join(', ')}.`,
    blocks: [
      { kind: 'list', lines: SERVICES.map(lineOf) },
      {
        kind: 'small',
        line: ['Containers are in swap order. ', { code: 'status <service>' }, ' shows what runs.'],
      },
    ],
  }),
});
