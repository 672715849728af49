import { mkdtempSync } from 'node:fs';
import { buildImages } from '../../e2e/matrix/images.js';
import { makeStand } from '../../e2e/matrix/stand.js';
import { realDocker } from '../../engine/real-docker.js';
import { startPrivateEngine } from '../private-engine.js';
import { HALTS } from './halts.js';
import { bringTo, changesOf, tryHalt } from './trial.js';

const t0 = Date.now();
const say = (...x: unknown[]) => console.log(((Date.now() - t0) / 1000).toFixed(1), ...x);
const engine = await startPrivateEngine({
  home: mkdtempSync('/tmp/stackswap-halt-'),
  liveRestore: process.argv[2] === 'live',
  ...(process.argv[3] ? { programs: process.argv[3] } : {}),
});
try {
  const real = await realDocker('halts', engine.socketPath);
  if ('leftOut' in real) throw new Error(real.leftOut);
  await buildImages(real);
  const stand = await makeStand(real, 'host', 1);
  const scene = { stand, engine };
  say('stand');
  const up = await changesOf(scene, 'upgrade');
  const back = await changesOf(scene, 'rollback');
  say(up, back);
  let at: 'old' | 'new' = 'old';
  const kinds = (process.argv[4]?.split(',') ?? Object.keys(HALTS)) as (keyof typeof HALTS)[];
  for (const kind of kinds)
    for (const [does, changes] of [
      ['upgrade', up],
      ['rollback', back],
    ] as const)
      for (let n = 1; n <= changes.length; n += 1) {
        await bringTo(scene, at, does === 'upgrade' ? 'old' : 'new');
        const began = Date.now();
        const o = await tryHalt(scene, { does, at: n, halt: HALTS[kind] });
        at = o.ends;
        say(
          kind,
          does,
          n,
          `${((Date.now() - began) / 1000).toFixed(1)} s`,
          o.struck?.replaceAll(/[0-9a-f]{64}/g, '…'),
          '|',
          o.ends,
          '|',
          o.rested.slice(0, 300),
          '|',
          o.problems,
        );
      }
  await stand.close();
} finally {
  await engine.remove();
}
process.exit(0);
