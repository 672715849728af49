import { type RealDocker, realDocker } from '../../engine/real-docker.js';
import { compile } from '../../store/compiled.js';
import { births } from './births.js';
import { courseOf, lookFaults, singleFaults } from './faulty.js';
import { buildImages } from './images.js';
import { killsAt, killTrials, requestsOf } from './kills.js';
import { SHAPES, type Shape } from './shapes.js';
import { type Longest, termsAt, termTrials } from './terms.js';
import { type Ground, sceneOf, type Trial, tryAll } from './trials.js';

export type Row = {
  readonly shape: Shape;
  readonly what: string;
  /** Upgrades and rollbacks that were disturbed. */
  readonly tried: number;
  /** Disturbances that struck: a run may end before the request that was meant. */
  readonly struck: number;
  readonly survived: number;
  readonly lost: number;
  readonly seconds: number;
};

export type Report = {
  readonly engine: string;
  readonly rows: readonly Row[];
  /** Titles and problems of what was lost. */
  readonly lost: readonly string[];
  /** Longest time from SIGTERM to the end of the bot, in milliseconds. */
  readonly longestEndMs: number;
};

export type Torture = {
  readonly shapes: readonly Shape[];
  readonly lanes: number;
  readonly say: (line: string) => void;
  /** Ends it early, with everything cleared away. */
  readonly stop?: AbortSignal;
};

export const ALL_SHAPES = Object.keys(SHAPES) as readonly Shape[];

type Part = { readonly what: string; readonly trials: readonly Trial[] };

/** Everything that is tried at one shape, from what its bot does when nothing happens. */
const partsOf = async (
  ground: Ground,
  main: { program: string; longest: Longest },
): Promise<readonly Part[]> => {
  const scene = await sceneOf(ground);
  const forward = await requestsOf(scene, 'upgrade');
  const back = await requestsOf(scene, 'rollback');
  const courses = [await courseOf(scene, 'upgrade'), await courseOf(scene, 'rollback')];
  await scene.stand.close();
  return [
    {
      what: `SIGKILL at ${forward.length} + ${back.length} requests`,
      trials: killTrials([...killsAt('upgrade', forward), ...killsAt('rollback', back)]),
    },
    {
      what: `8 kinds of fault at ${courses.map(({ points }) => points.length).join(' + ')} changes`,
      trials: courses.flatMap(singleFaults),
    },
    {
      what: `a fault at ${courses.map(({ looks }) => looks.length).join(' + ')} looks`,
      trials: courses.flatMap(lookFaults),
    },
    {
      what: `SIGTERM at ${forward.length} + ${back.length} requests`,
      trials: termTrials([...termsAt('upgrade', forward), ...termsAt('rollback', back)], main),
    },
  ];
};

const rowsOf = async (ground: Ground, main: { program: string; longest: Longest }) => {
  const rows: Row[] = [];
  const lost: string[] = [];
  for (const { what, trials } of await partsOf(ground, main)) {
    const began = performance.now();
    const tally = await tryAll(ground, trials);
    const row = {
      shape: ground.shape,
      what,
      tried: tally.tried,
      struck: tally.faults,
      survived: tally.tried - tally.lost.length,
      lost: tally.lost.length,
      seconds: Math.round((performance.now() - began) / 1_000),
    };
    ground.say(lineOf(row));
    rows.push(row);
    lost.push(
      ...tally.lost.map(({ title, problems }) => `${ground.shape}: ${title}: ${problems.join('; ')}`),
    );
  }
  return { rows, lost };
};

const WIDTHS = [10, 44, 7, 7, 9, 5, 8];

const columns = (cells: readonly (string | number)[]): string =>
  cells
    .map((cell, at) =>
      at < 2 ? String(cell).padEnd(WIDTHS[at] ?? 0) : String(cell).padStart(WIDTHS[at] ?? 0),
    )
    .join(' ');

const HEAD = columns(['shape', 'what', 'tried', 'struck', 'survived', 'lost', 'seconds']);

const lineOf = (row: Row): string =>
  columns([row.shape, row.what, row.tried, row.struck, row.survived, row.lost, row.seconds]);

const work = async (real: RealDocker, { shapes, lanes, say, stop }: Torture): Promise<Report> => {
  const born = await births('test/e2e/matrix/mortal.ts', lanes);
  const { program, remove } = compile('src/main.ts');
  const main = { program, longest: { ms: 0 } };
  const parts = [];
  try {
    await buildImages(real);
    say(HEAD);
    for (const shape of shapes)
      if (!stop?.aborted) parts.push(await rowsOf({ real, births: born, shape, lanes, say, stop }, main));
  } finally {
    await born.close();
    remove();
  }
  return {
    engine: (await real.engine.info()).version,
    rows: parts.flatMap(({ rows }) => rows),
    lost: parts.flatMap(({ lost }) => lost),
    longestEndMs: Math.round(main.longest.ms),
  };
};

/** The whole matrix on this machine's engine: shapes, faults, kills and SIGTERMs. Throws where there is no engine. */
export const torture = async (options: Torture): Promise<Report> => {
  const real = await realDocker('torture');
  if ('leftOut' in real) throw new Error(real.leftOut);
  try {
    return await work(real, options);
  } finally {
    await real.cleanUp();
  }
};
