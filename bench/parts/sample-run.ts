import { buildApp } from '../../src/build-app.js';
import { redactor } from '../../src/redact.js';
import type { RunEvent } from '../../src/run/event.js';
import { memoryJournal } from '../../src/store/memory.js';
import { ANN, BEN } from '../swap/stage.js';
import { quietLog, simulated } from './simulated.js';

/** All events of one real run of the App: cinder on three simulated hosts, from the request to Finalize. */
export const eventsOfOneRun = async (): Promise<readonly RunEvent[]> => {
  const { config, engines, kolla } = await simulated({ hosts: 3, services: ['cinder', 'placement'] });
  const app = await buildApp({
    config,
    engines,
    log: quietLog(),
    redactor: redactor(),
    journal: memoryJournal(),
  });
  const { id } = await app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  await app.approve(BEN, id);
  const upgraded = await app.settled(id);
  if (upgraded.phase !== 'upgraded')
    throw new Error(`the sample run is ${upgraded.phase}: ${upgraded.rollback?.why ?? upgraded.why}`);
  await app.finalize(BEN, id);
  const { phase } = await app.settled(id);
  const events = (await app.eventsOf(id)).map(({ event }) => event);
  await app.close();
  await kolla.cloud.close();
  if (phase !== 'finalized') throw new Error(`the sample run is ${phase} and not finalized`);
  return events;
};
