import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cloud, releaseOf } from '../../src/demo/cloud/cloud.js';
import { startDockerCloud } from '../../src/demo/cloud/docker.js';
import { localEngine } from '../../src/demo/cloud/local-engine.js';
import { dockerEngine } from '../../src/engine/docker.js';
import type { Run } from '../../src/run/run.js';
import { describeUnless } from '../setup/left-out.js';
import { type BadWire, badWire, type Rule } from './bad-wire.js';
import { ANN, BOB, type Bot, bornOver, configOf, upgrade } from './bot.js';
import { hostsFileOf, kept, leftover, others, ownContainers, serving } from './cloud.js';

const engine = await localEngine();

/** So short that a hanging call is given up within the test; what was slow and not lost is seen by looking again. */
const DEADLINES = { start: 2_000, change: 2_000, create: 5_000, wait: 2_000 };

type Trouble = Rule & {
  readonly title: string;
  readonly does: 'upgrade' | 'rollback';
  /** The call that was in trouble, and how often the journal says that it was made. */
  readonly call?: readonly [op: string, target: RegExp, times: number];
};

/** One after the other on one cloud; each goes where the one before it came from. */
const TROUBLES: readonly Trouble[] = [
  {
    title: 'the answer to the create of the new one is cut in its middle',
    does: 'upgrade',
    fault: 'cut inside the answer',
    request: /^POST \/containers\/create\?name=.*__swap_/,
    call: ['create', /__swap_/, 1],
  },
  {
    title: 'the connection dies when the old one had been started',
    does: 'rollback',
    fault: 'reset afterwards',
    request: /^POST \/containers\/\w+\/start/,
    call: ['start', /_keystone$/, 1],
  },
  {
    title: 'the connection dies when the old one had been stopped',
    does: 'upgrade',
    fault: 'reset afterwards',
    request: /^POST \/containers\/\w+\/stop/,
    call: ['stop', /_keystone$/, 1],
  },
  {
    title: 'the connection dies before the engine hears of the stop',
    does: 'rollback',
    fault: 'reset before',
    request: /^POST \/containers\/\w+\/stop/,
    call: ['stop', /^new /, 2],
  },
  {
    title: 'the start of the new one is never answered',
    does: 'upgrade',
    fault: 'hang',
    request: /^POST \/containers\/\w+\/start/,
    after: /\/rename/,
    call: ['start', /^new /, 1],
  },
  {
    title: 'a rename is never answered',
    does: 'rollback',
    fault: 'hang',
    request: /^POST \/containers\/\w+\/rename/,
    call: ['rename', /^new /, 1],
  },
  {
    title: 'the answer to a look right after the stop is cut in its middle',
    does: 'upgrade',
    fault: 'cut inside the answer',
    request: /^GET \/containers\/\w+\/json/,
    after: /\/stop/,
  },
  {
    title: 'the output of the health command ends in its middle',
    does: 'rollback',
    fault: 'cut inside the answer',
    request: /^POST \/exec\/\w+\/start/,
  },
  {
    title: 'nobody tells that the migration has ended',
    does: 'upgrade',
    fault: 'hang',
    request: /^POST \/containers\/\w+\/wait/,
  },
];

describeUnless(
  'missing' in engine ? engine.missing : undefined,
  'keystone through a bad connection to a real engine',
  () => {
    if ('missing' in engine) return;
    const { docker, socket } = engine;
    let cloud: Cloud;
    let wire: BadWire;
    let bot: Bot;

    beforeAll(async () => {
      cloud = await startDockerCloud({ engine });
      wire = await badWire(socket, cloud.folder);
      const behind = dockerEngine({
        host: 'control01',
        address: { socketPath: wire.socketPath },
        deadlines: DEADLINES,
      });
      bot = await bornOver({
        config: configOf(hostsFileOf(cloud)),
        state: join(cloud.folder, 'state'),
        engines: new Map([['control01', behind]]),
      });
    });
    afterAll(async () => {
      await bot?.app.close();
      await cloud?.close();
      await wire.close();
    });

    const perform = async ({ does }: Trouble): Promise<Run> => {
      const [newest] = await bot.app.history(ANN, 'keystone');
      if (does === 'upgrade') {
        if (newest) await bot.app.unhold(BOB, 'keystone');
        return upgrade(bot.app, { service: 'keystone', to: '2025.2' });
      }
      await bot.app.rollback(ANN, newest?.id ?? '');
      return bot.app.settled(newest?.id ?? '');
    };

    /** What the journal tells since the run last went another way. */
    const callsOf = async (
      run: Run,
      does: Trouble['does'],
      [op, target]: readonly [string, RegExp, number],
    ) => {
      const events = (await bot.app.eventsOf(run.id)).map(({ event }) => event);
      const since = does === 'rollback' ? events.findLastIndex(({ kind }) => kind === 'rollback') : 0;
      const ours = events
        .slice(since)
        .filter((event) => 'op' in event && event.op === op && target.test(event.target));
      return {
        made: ours.filter(({ kind }) => kind === 'call').length,
        failed: ours.filter((event) => event.kind === 'call-ended' && event.error !== undefined).length,
      };
    };

    test.each(TROUBLES.map((trouble) => [`${trouble.does}: ${trouble.title}`, trouble] as const))(
      '%s',
      { timeout: 60_000 },
      async (_title, trouble) => {
        const { does, call } = trouble;
        const before = await ownContainers(docker, cloud);
        const already = wire.struck.length;
        wire.arm(trouble);
        const run = await perform(trouble);
        expect(wire.struck.length).toBe(already + 1);
        const after = await ownContainers(docker, cloud);
        expect([run.phase, run.why, run.asked]).toEqual([
          does === 'upgrade' ? 'upgraded' : 'rolled-back',
          undefined,
          undefined,
        ]);
        if (call) expect(await callsOf(run, does, call)).toEqual({ made: call[2], failed: 1 });
        const release = does === 'upgrade' ? '2025.2' : '2025.1';
        expect(await releaseOf(cloud, 'keystone')).toBe(release);
        expect(serving(after, 'keystone')).toEqual([`keystone ${release}-demo unless-stopped`]);
        expect(kept(after, 'keystone')).toHaveLength(does === 'upgrade' ? 1 : 0);
        expect(leftover(after)).toEqual([]);
        expect(others(after, 'keystone')).toEqual(others(before, 'keystone'));
        expect(run.compared.flatMap(({ differences }) => differences)).toEqual([]);
      },
    );
  },
);
