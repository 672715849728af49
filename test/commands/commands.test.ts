import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../commands/index.js';
import { parseCommand } from '../../src/parse.js';
import type { Actor } from '../../src/run/event.js';
import type { Run } from '../../src/run/run.js';
import { plain } from '../../src/views/words.js';
import { adam, runAt } from '../builders.js';
import { fakeApp } from '../fake-app.js';

const erin: Actor = { id: 'UERIN', name: 'Erin', door: 'slack' };

/** Says words to a fake App; tells what it was asked and what was answered. */
const say = async (text: string, { runs = [] as readonly Run[], actor = erin, threadRun = '' } = {}) => {
  const app = fakeApp(runs);
  const { command, args } = parseCommand(text, COMMANDS);
  const reply = await command.run(app, args, threadRun === '' ? { actor } : { actor, threadRun });
  return { app, reply };
};

const asked = async (...said: Parameters<typeof say>) => (await say(...said)).app.asked;

describe('the verbs', () => {
  test('stand in the order of help', () => {
    expect(COMMANDS.map((command) => command.name)).toEqual(
      'help services status doctor plan upgrade approve withdraw reject cancel rollback finalize resume hold unhold history review'.split(
        ' ',
      ),
    );
  });

  test.each([
    ['status', 'status Erin all'],
    ['status Cinder', 'status Erin cinder'],
    ['doctor', 'doctor Erin all'],
    ['doctor control1', 'doctor Erin control1'],
    ['plan cinder', 'plan Erin cinder  {}'],
    [
      'plan cinder to 2025.2 override "tested in staging"',
      'plan Erin cinder 2025.2 {"jump":"tested in staging"}',
    ],
    ['upgrade cinder backup "dump on nas1"', 'upgrade Erin cinder  {"backup":"dump on nas1"}'],
    ['hold cinder "storage maintenance"', 'hold Erin cinder storage maintenance'],
    ['unhold cinder', 'unhold Erin cinder'],
    ['history', 'history Erin all'],
    ['history cinder', 'history Erin cinder'],
  ])('"%s" asks: %s', async (text, wanted) => {
    expect(await asked(text)).toEqual([wanted]);
  });

  test.each([
    ['approve r1', 'proposed', 'approve Erin r1 unbound'],
    ['reject r1 reason "too late"', 'proposed', 'reject Erin r1'],
    ['cancel', 'proposed', 'cancel Erin r1'],
    ['rollback r1', 'upgraded', 'rollback Erin r1'],
    ['rollback r1 restored "dump of Friday"', 'upgraded', 'rollback Erin r1 dump of Friday'],
    ['finalize r1', 'upgraded', 'finalize Erin r1'],
    ['resume r1', 'paused', 'resume Erin r1'],
  ] as const)('"%s" of a run that is %s asks: %s', async (text, phase, wanted) => {
    expect(await asked(text, { runs: [runAt(phase)] })).toEqual([wanted]);
  });

  test('a click on Approve binds to the plan that the button stood below', async () => {
    const run = runAt('proposed');
    const fingerprint = run.fingerprint.slice(0, 12);
    expect(await asked(`approve r1:${fingerprint}`, { runs: [run] })).toEqual([
      `approve Erin r1 ${fingerprint}`,
    ]);
  });

  test('in a thread the thread’s run is meant', async () => {
    const runs = [runAt('proposed'), runAt('proposed', { id: 'r2' })];
    expect(await asked('approve', { runs, threadRun: 'r2' })).toEqual(['approve Erin r2 unbound']);
  });

  test.each(['approve', 'approve cinder', 'approve Cinder', 'finalize', 'finalize cinder'])(
    '"%s" outside a thread agrees to nothing, and is answered with the line to type',
    async (text) => {
      const [verb = ''] = text.split(' ');
      const runs = [runAt(verb === 'approve' ? 'proposed' : 'upgraded')];
      await expect(say(text, { runs })).rejects.toMatchObject({
        code: 'bad-arguments',
        wayOut: `Now it is r1, cinder 2025.1 → 2025.2, asked for by Erin. If that is the one you have read: ${verb} r1`,
      });
    },
  );

  test('in a thread the service’s name agrees to the thread’s run, and to no other one', async () => {
    const runs = [runAt('proposed', { id: 'r2' })];
    expect(await asked('approve cinder', { runs, threadRun: 'r2' })).toEqual(['approve Erin r2 unbound']);
    await expect(say('approve cinder', { runs, threadRun: 'r1' })).rejects.toMatchObject({
      code: 'bad-arguments',
    });
  });

  test('a service is meant however it is spelt, and one without an open run is not taken for a run’s id', async () => {
    expect(await asked('rollback Cinder', { runs: [runAt('upgraded')] })).toEqual(['rollback Erin r1']);
    await expect(say('rollback cinder', { runs: [runAt('finalized')] })).rejects.toThrow(
      'No run of cinder is open. Earlier ones: history cinder.',
    );
  });

  test('outside a thread, with two runs open, the person is asked which', async () => {
    const runs = [runAt('proposed'), runAt('proposed', { id: 'r2' })];
    await expect(say('approve', { runs })).rejects.toMatchObject({ code: 'unknown-run' });
  });
});

describe('the answers', () => {
  test('an upgrade is answered with what it waits for, and names its run', async () => {
    const { reply } = await say('upgrade cinder');
    expect(reply.summary).toBe('cinder 2025.1 → 2025.2 is waiting for approval (0 of 1).');
    expect(reply.run).toBe('r1');
  });

  test('a dry run has no button and no run', async () => {
    const { reply } = await say('plan cinder');
    expect(reply.blocks.some((block) => block.kind === 'buttons')).toBe(false);
    expect(reply.run).toBeUndefined();
  });

  test('a hold tells how it ends', async () => {
    const { reply } = await say('hold cinder "storage maintenance"');
    expect(reply.blocks.flatMap((block) => (block.kind === 'line' ? [plain(block.line)] : []))).toEqual([
      expect.stringMatching(
        /^cinder is on hold, by Erin at .*: storage maintenance\. unhold cinder releases it\.$/,
      ),
    ]);
  });

  test('services are listed with their containers in swap order', async () => {
    const { reply } = await say('services');
    expect(reply.summary).toBe('4 services: keystone, glance, cinder, placement.');
  });
});

describe('help', () => {
  const verbs = async (actor = erin): Promise<readonly string[]> => {
    const { reply } = await say('help', { actor });
    const lines = reply.blocks.flatMap((block) => (block.kind === 'list' ? block.lines.map(plain) : []));
    return lines.map((line) => line.split(/[ :]/)[0] ?? '');
  };

  test('shows a viewer only what looks', async () => {
    expect(await verbs({ id: 'vera', name: 'Vera', door: 'cli' })).toEqual([
      'help',
      'services',
      'status',
      'doctor',
      'plan',
      'history',
    ]);
  });

  test('shows an operator no approving', async () => {
    const shown = await verbs();
    expect([
      shown.includes('upgrade'),
      shown.includes('rollback'),
      shown.includes('approve'),
      shown.includes('finalize'),
    ]).toEqual([true, true, false, false]);
  });

  test('shows all to who has all roles, and to a stranger, whose refusal tells how to get in', async () => {
    expect(await verbs(adam)).toHaveLength(COMMANDS.length);
    expect(await verbs({ id: 'USTRANGER', name: 'Zed', door: 'slack' })).toHaveLength(COMMANDS.length);
  });

  test('of one verb gives usage, an example and the roles', async () => {
    const { reply } = await say('help Upgrade');
    expect(reply.blocks.flatMap((block) => (block.kind === 'list' ? block.lines.map(plain) : []))).toEqual([
      'Usage: upgrade <service> [to <release|tag>] [override "reason"] [backup "what and where"]',
      'Example: upgrade cinder to 2025.2',
      'Needs the role operator.',
    ]);
  });

  test('of no verb of ours is refused', async () => {
    await expect(say('help fly')).rejects.toMatchObject({ code: 'unknown-verb' });
  });
});
