import { buildApp } from '../../src/build-app.js';
import { readConfig } from '../../src/config.js';
import { createLog } from '../../src/log.js';
import { redactor } from '../../src/redact.js';
import type { Journal } from '../../src/run/journal.js';
import { openStore } from '../../src/store/store.js';
import { ANN, BOB, upgrade } from './bot.js';
import { type Doom, isDeadly } from './doom.js';

const die = (): void => {
  process.kill(process.pid, 'SIGKILL');
};

/** A journal that ends its process by SIGKILL, right when the event is durable or so much later. */
const deadly = (journal: Journal, { at, afterMs }: Doom): Journal => ({
  ...journal,
  append: async (run, event) => {
    await journal.append(run, event);
    if (!isDeadly(event, at)) return;
    if (afterMs === 0) die();
    else setTimeout(die, afterMs);
  },
});

const live = async (doom: Doom): Promise<void> => {
  const { does, config, state } = doom;
  const secrets = redactor();
  const log = createLog({ level: 'error', redact: secrets });
  const app = await buildApp({
    config: readConfig(config),
    log,
    redactor: secrets,
    journal: deadly(await openStore({ folder: state, log, redact: secrets }), doom),
  });
  await app.recover();
  if (does.verb !== 'upgrade') await app[does.verb](does.verb === 'finalize' ? BOB : ANN, does.run);
  const { phase, why, asked } =
    does.verb === 'upgrade' ? await upgrade(app, does) : await app.settled(does.run);
  console.error(`it outlived its run: ${phase} ${why ?? ''} ${asked?.why ?? ''}`);
  await app.close();
};

await live(JSON.parse(process.argv[2] ?? '') as Doom);
