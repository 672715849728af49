import type { App } from '../../../src/app.js';
import { readConfig } from '../../../src/config.js';
import type { Run } from '../../../src/run/run.js';
import { ANN, BOB, bornOver, upgrade } from '../bot.js';
import { RELEASES, type Version } from './images.js';
import type { Stand } from './stand.js';

export type Ended = { readonly ends: Version; readonly problems: readonly string[] };

/** What a person chooses at an interrupted run. */
export type Chosen = 'resume' | 'rollback';

const within = async <T>(stand: Stand, work: (app: App) => Promise<T>): Promise<T> => {
  const { app } = await bornOver({ config: readConfig(stand.configFile), state: stand.state });
  try {
    return await work(app);
  } finally {
    await app.close();
  }
};

const newestOf = async (app: App): Promise<Run | undefined> => (await app.history(ANN, 'keystone'))[0];

/** A rested run as it must be: in the phase that was meant, with nothing asked and nothing different. */
export const judged = async (app: App, run: Run, meant: Run['phase']): Promise<Ended> => {
  if (run.phase === 'rolled-back') await app.unhold(BOB, 'keystone');
  const differing = run.compared.flatMap(({ differences }) => differences);
  return {
    ends: run.phase === 'upgraded' ? 'new' : 'old',
    problems: [
      ...(run.phase === meant
        ? []
        : [`the run is ${run.phase}, not ${meant}: ${run.why ?? run.asked?.why ?? ''}`]),
      ...differing.map((difference) => `the run says: ${difference}`),
    ],
  };
};

/** A person upgrades with a bot that nothing happens to. */
export const upgraded = (stand: Stand): Promise<Ended> =>
  within(stand, async (app) =>
    judged(app, await upgrade(app, { service: 'keystone', to: RELEASES.new }), 'upgraded'),
  );

export const rolledBack = (stand: Stand): Promise<Ended> =>
  within(stand, async (app) => {
    const id = (await newestOf(app))?.id ?? '';
    await app.rollback(ANN, id);
    return judged(app, await app.settled(id), 'rolled-back');
  });

/** Releases the hold that a rollback left. */
export const freed = (stand: Stand): Promise<void> => within(stand, (app) => app.unhold(BOB, 'keystone'));

export const newestRun = (stand: Stand): Promise<Run | undefined> =>
  within(stand, async (app) => newestOf(app));

export type Left = {
  readonly stand: Stand;
  readonly does: 'upgrade' | 'rollback';
  /** The newest run before the bot that died was told anything. */
  readonly earlier: string | undefined;
  readonly chosen: Chosen;
};

/** A new bot finds what a dead one left, and a person brings it to an end. */
export const takenUp = ({ stand, does, earlier, chosen }: Left): Promise<Ended> =>
  within(stand, async (app) => {
    const run = await newestOf(app);
    if (!run || (does === 'upgrade' && run.id === earlier)) return { ends: 'old', problems: [] };
    if (run.phase === 'proposed') {
      await app.cancel(ANN, run.id);
      return { ends: 'old', problems: [] };
    }
    if (run.phase === 'voided') return { ends: 'old', problems: [] };
    if (does === 'rollback' && run.phase === 'upgraded') {
      // The wish to go back was not durable yet, so it has to be said again.
      await app.rollback(ANN, run.id);
      return judged(app, await app.settled(run.id), 'rolled-back');
    }
    if (run.phase === 'interrupted') await app[chosen](ANN, run.id);
    const meant = does === 'rollback' || (run.phase === 'interrupted' && chosen === 'rollback');
    return judged(app, await app.settled(run.id), meant ? 'rolled-back' : 'upgraded');
  });
