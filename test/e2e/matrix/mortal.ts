import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { buildApp } from '../../../src/build-app.js';
import { readConfig } from '../../../src/config.js';
import { createLog } from '../../../src/log.js';
import { redactor } from '../../../src/redact.js';
import { ANN, BOB, upgrade } from '../bot.js';
import type { Life } from './life.js';

/** One life: the bot as `npm start` puts it together, but for Slack; what it is told comes as one line of JSON. */
const live = async ({ config, state, does }: Life): Promise<void> => {
  const secrets = redactor();
  const app = await buildApp({
    config: readConfig(config),
    log: createLog({ level: 'error', redact: secrets }),
    redactor: secrets,
    stateFolder: state,
  });
  await app.recover();
  if (does.verb === 'upgrade') await upgrade(app, { service: 'keystone', to: does.to });
  else {
    await app[does.verb](does.verb === 'finalize' ? BOB : ANN, does.run);
    await app.settled(does.run);
  }
  await app.close();
};

const input = createInterface({ input: process.stdin });
process.stdout.write('ready\n');
const [told] = (await once(input, 'line')) as [string];
await live(JSON.parse(told) as Life);
input.close();
