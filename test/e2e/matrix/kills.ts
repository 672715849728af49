import type { Handler } from '../wire.js';
import { RELEASES } from './images.js';
import { isChange } from './intents.js';
import type { Life } from './life.js';
import { type Chosen, type Ended, freed, newestRun, takenUp } from './person.js';
import type { Outcome, Scene, Trial } from './trials.js';
import { journalProblems, migrationsOf, problemsOf } from './verdict.js';

/** Before the engine hears of the request; as soon as it was told, answer or not; when it was done, before the answer. */
export type Moment = 'before' | 'amid' | 'after';

export type Kill = {
  readonly does: 'upgrade' | 'rollback';
  /** The request at which the bot dies, counted from 1, and what it was when nothing happened. */
  readonly at: number;
  readonly line: string;
  readonly moment: Moment;
  readonly chosen: Chosen;
};

const dying =
  (moment: Moment, die: () => Promise<unknown>): Handler =>
  async (exchange) => {
    if (moment === 'after') await exchange.carryOut();
    if (moment === 'amid') await exchange.passOn();
    await die();
    exchange.hangUp();
  };

export const lifeOf = ({ stand }: Scene, does: Kill['does'], newest: string | undefined): Life => ({
  config: stand.configFile,
  state: stand.state,
  does: does === 'upgrade' ? { verb: does, to: RELEASES.new } : { verb: does, run: newest ?? '' },
});

const titleOf = ({ does, at, line, moment, chosen }: Kill): string =>
  `${does}, killed ${moment} request ${at} (${line.replaceAll(/[0-9a-f]{64}/g, '…').slice(0, 80)}), ${chosen}`;

/** The requests of a whole upgrade or rollback to which nothing happens. */
export const requestsOf = async (scene: Scene, does: Kill['does']): Promise<readonly string[]> => {
  const life = lifeOf(scene, does, (await newestRun(scene.stand))?.id);
  scene.guard.watch();
  const { code } = await scene.births.next().live(life);
  const asked = [...scene.guard.asked()];
  if (code !== 0) throw new Error(`a bot to which nothing happened ended with ${code}`);
  if (does === 'rollback') await freed(scene.stand);
  return asked;
};

/** All deaths for the requests of one direction; a look changes nothing, so before and after it are one moment. */
export const killsAt = (does: Kill['does'], requests: readonly string[]): readonly Kill[] =>
  requests
    .flatMap((line, index) => {
      const moments: readonly Moment[] = isChange(line) ? ['before', 'amid', 'after'] : ['before'];
      return moments.map((moment) => ({ does, at: index + 1, line, moment }));
    })
    .map((kill, index) => ({ ...kill, chosen: index % 2 === 0 ? 'resume' : 'rollback' }));

/** The migration of one run runs once, and never not at all where the run ended upgraded. */
const migrationProblems = (times: number, { does }: Kill, { ends }: Ended): string[] => {
  const most = does === 'upgrade' ? 1 : 0;
  const least = does === 'upgrade' && ends === 'new' ? 1 : 0;
  return times >= least && times <= most ? [] : [`the migration ran ${times} times`];
};

/** Lets a bot die at one request, a new one take up what it left, and says what is not as it must be then. */
const killed = async (scene: Scene, kill: Kill): Promise<Omit<Outcome, 'title'>> => {
  const { stand, guard, births } = scene;
  const earlier = (await newestRun(stand))?.id;
  const already = await migrationsOf(stand);
  const born = births.next();
  const gone = born.live(lifeOf(scene, kill.does, earlier));
  const die = async () => {
    born.kill('SIGKILL');
    await gone;
  };
  guard.watch(({ number }): Handler | undefined =>
    number === kill.at ? dying(kill.moment, die) : undefined,
  );
  const { signal } = await gone;
  guard.watch();
  const ended = await takenUp({ stand, does: kill.does, earlier, chosen: kill.chosen });
  const problems = [
    ...ended.problems,
    ...guard.problems(),
    ...(await problemsOf(stand, ended.ends)),
    ...(await journalProblems(stand)),
    ...migrationProblems((await migrationsOf(stand)) - already, kill, ended),
  ];
  const struck = signal === 'SIGKILL';
  return { ends: ended.ends, struck, faults: struck ? 1 : 0, problems };
};

export const killTrials = (kills: readonly Kill[]): readonly Trial[] =>
  kills.map((kill) => ({
    from: kill.does === 'upgrade' ? 'old' : 'new',
    title: titleOf(kill),
    perform: (scene) => killed(scene, kill),
  }));
