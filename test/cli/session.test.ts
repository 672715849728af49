import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../commands/index.js';
import { loginName } from '../../src/cli/actor.js';
import { parseCliEnv } from '../../src/cli/env.js';
import { takeFlags } from '../../src/cli/flags.js';
import { runSession } from '../../src/cli/session.js';
import type { Run } from '../../src/run/run.js';
import { runAt, stepsDone } from '../builders.js';
import { fakeApp } from '../fake-app.js';

/** A command line on a fake App; `until` resolves once a text was printed that holds these words. */
const type = (line: string, { login = 'adam', runs = [] as readonly Run[], alone = false } = {}) => {
  const app = fakeApp(runs);
  const printed: string[] = [];
  const waiting = new Map<string, () => void>();
  const leaving = new AbortController();
  const say = (text: string): void => {
    printed.push(text);
    for (const [words, go] of waiting) if (text.includes(words)) go();
  };
  const until = (words: string): Promise<void> =>
    new Promise((resolve) => {
      waiting.set(words, resolve);
      if (printed.some((text) => text.includes(words))) resolve();
    });
  const words = line.split(' ').map((word) => word.replaceAll('_', ' '));
  const exit = runSession({
    app,
    commands: COMMANDS,
    request: { words, login },
    say,
    redact: (text) => text,
    left: leaving.signal,
    alone,
  });
  return { app, printed, exit, until, leave: () => leaving.abort(), text: () => printed.join('\n') };
};

const olga = { id: 'UOLGA', name: 'Olga', door: 'slack' as const };

describe('who types', () => {
  test('is the person behind sudo, else the account', () => {
    expect(loginName({ SUDO_USER: 'erin', SUDO_UID: '1000' })).toBe('erin');
    expect(loginName({ SUDO_USER: 'erin' })).toBe(loginName({}));
  });

  test('must be in the people list; the refusal tells what to add', async () => {
    const { exit, text } = type('status', { login: 'mallory' });
    expect(await exit).toBe(1);
    expect(text()).toBe(
      'error: The login name "mallory" belongs to nobody in the people list.\nAdd "login: mallory" to that person under people in the settings, then start Stackswap again.',
    );
  });

  test('is one person at every door', async () => {
    const { app, exit } = type('status', { login: 'erin' });
    await exit;
    expect(app.asked).toEqual(['status Erin all']);
  });
});

describe('what only the command line understands', () => {
  test('flags are taken out of the words', () => {
    expect(
      takeFlags(['upgrade', 'cinder', '--no-wait', '--break-glass', 'API is down since two', 'to', '2025.2']),
    ).toEqual({
      words: ['upgrade', 'cinder', 'to', '2025.2'],
      wait: false,
      breakGlass: 'API is down since two',
    });
    expect(takeFlags(['--help'])).toEqual({ words: ['help'], wait: true });
  });

  test.each([
    [['upgrade', 'cinder', '--break-glass']],
    [['upgrade', 'cinder', '--break-glass', '--no-wait']],
    [['approve', 'cinder', '--break-glass=API is down since two']],
  ])('%j is refused', (words) => {
    expect(() => takeFlags(words)).toThrow(expect.objectContaining({ code: 'bad-arguments' }));
  });

  test('it needs no word of Slack, and names each setting that is missing', () => {
    expect(
      parseCliEnv({ STACKSWAP_CONFIG: 'a.yaml', STACKSWAP_STATE: 'state', SLACK_BOT_TOKEN: undefined }),
    ).toMatchObject({ STACKSWAP_STATE: 'state' });
    expect(() => parseCliEnv({ STACKSWAP_CONFIG: '' })).toThrow(
      'STACKSWAP_CONFIG is not set; STACKSWAP_STATE is not set',
    );
  });
});

describe('an upgrade at the command line', () => {
  test('prints the plan, waits for approvals, follows the run and ends with 0 once upgraded', async () => {
    const { app, exit, until, text } = type('upgrade cinder');
    await until('Waiting for approvals');
    expect(text()).toContain('Point of no return');
    await app.approve(olga, 'r1');
    const { plan } = app.run('r1');
    app.happen('r1', { kind: 'started' }, ...stepsDone(plan), { kind: 'upgraded', ms: 95_000 });
    expect(await exit).toBe(0);
    expect(text()).toContain('Olga approved.');
    expect(text()).toContain('Begins step 7 of 7: Swap cinder_api on control1.');
    expect(text()).toContain('cinder runs 2025.2, after 1 min 35 s.');
  });

  test.each([
    ['rejected', { kind: 'rejected', by: olga }],
    ['expired', { kind: 'expired' }],
  ] as const)('ends with 1 when it is %s', async (phase, event) => {
    const { app, exit, until, text } = type('upgrade cinder');
    await until('Waiting for approvals');
    app.happen('r1', event);
    expect(await exit).toBe(1);
    expect(text()).toContain(`cinder: ${phase}`);
  });

  test('that rolls itself back ends with 1 and says why', async () => {
    const { app, exit, until, text } = type('upgrade cinder');
    await until('Waiting for approvals');
    await app.approve(olga, 'r1');
    app.happen(
      'r1',
      { kind: 'started' },
      { kind: 'rollback', by: olga, why: 'cinder_api is ill' },
      { kind: 'rolled-back', ms: 4_000 },
    );
    expect(await exit).toBe(1);
    expect(text()).toContain('Why: cinder_api is ill.');
  });

  test('that asks for a person ends with 1 and says what can be typed', async () => {
    const { app, exit, until, text } = type('upgrade cinder');
    await until('Waiting for approvals');
    await app.approve(olga, 'r1');
    app.happen(
      'r1',
      { kind: 'started' },
      { kind: 'asked', why: 'glance is silent', choices: ['resume', 'rollback'] },
    );
    expect(await exit).toBe(1);
    expect(text()).toContain('stackswap resume r1');
  });

  test('with broken glass starts at once, with the reason in the journal', async () => {
    const { app, exit, until } = type('upgrade cinder --break-glass API_is_down_since_two');
    await until('Started without approvals');
    expect(app.run('r1')).toMatchObject({
      phase: 'approved',
      brokeGlass: { by: { name: 'Adam' }, reason: 'API is down since two' },
    });
    app.happen('r1', { kind: 'started' }, { kind: 'upgraded', ms: 1 });
    expect(await exit).toBe(0);
  });

  test('with --no-wait ends at once; without a bot it says who starts the work', async () => {
    const { exit, text } = type('upgrade cinder --no-wait', { alone: true });
    expect(await exit).toBe(0);
    expect(text()).toContain('the command line whose approval is the last one needed does the work');
  });

  test('that is left while waiting leaves the run as it is and says so', async () => {
    const { app, exit, until, leave, text } = type('upgrade cinder');
    await until('Waiting for approvals');
    leave();
    expect(await exit).toBe(1);
    expect(app.run('r1').phase).toBe('proposed');
    expect(text()).toContain('Run r1 is left as it is: waiting for approval (0 of 1).');
  });
});

describe('other verbs at the command line', () => {
  test('a roll back is waited for', async () => {
    const { app, exit, until } = type('rollback cinder', { runs: [runAt('upgraded')] });
    await until('is rolling back');
    app.happen('r1', { kind: 'rolled-back', ms: 5_000 });
    expect(await exit).toBe(0);
  });

  test('a roll back that is stuck ends with 1 and prints the exact commands', async () => {
    const { app, exit, until, text } = type('rollback cinder', { runs: [runAt('upgraded')] });
    await until('is rolling back');
    app.happen('r1', { kind: 'stuck', why: 'control1 is silent', commands: ['docker start cinder_api'] });
    expect(await exit).toBe(1);
    expect(text()).toContain('| docker start cinder_api');
  });

  test('Finalize waits for its approvals and its end', async () => {
    const { app, exit, until, text } = type('finalize r1', { runs: [runAt('upgraded', { quorum: 2 })] });
    await until('1 of 2 approvals, by Adam');
    app.happen('r1', { kind: 'finalizing' }, { kind: 'finalized', ms: 41_000 });
    expect(await exit).toBe(0);
    expect(text()).toContain('Finalize took 41 s.');
  });

  test('an approval is not waited for while a bot runs', async () => {
    const { exit, text } = type('approve r1', { runs: [runAt('proposed')] });
    expect(await exit).toBe(0);
    expect(text()).toContain('cinder 2025.1 → 2025.2 is approved, about to start.');
  });

  test('an approval that starts the work here stays until the work ends', async () => {
    const { app, exit, until } = type('approve r1', { runs: [runAt('proposed')], alone: true });
    await until('is approved');
    app.happen('r1', { kind: 'started' }, { kind: 'upgraded', ms: 1 });
    expect(await exit).toBe(0);
  });

  test('a refusal is two lines: why, and the way out', async () => {
    const { exit, text } = type('upgarde cinder');
    expect(await exit).toBe(1);
    expect(text()).toBe('error: There is no "upgarde".\nDid you mean "upgrade"? "help" lists all verbs.');
  });
});
