import { describe, expect, test } from 'vitest';
import { EngineError, type ExecResult } from '../../src/engine/port.js';
import { systemctlUnits } from '../../src/engine/systemctl.js';
import { parseUnit, spanSeconds } from '../../src/engine/unit-properties.js';

const UNIT = 'kolla-cinder_api-container.service';

const shown = (change: Record<string, string> = {}): string =>
  Object.entries({
    LoadState: 'loaded',
    ActiveState: 'active',
    SubState: 'running',
    UnitFileState: 'enabled',
    ExecStop:
      '{ path=/usr/bin/docker ; argv[]=/usr/bin/docker stop cinder_api -t 60 ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }',
    RestartUSec: '11s',
    TimeoutStopUSec: '1min 30s',
    ...change,
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');

/** A host's shell that answers by the verb of systemctl, and remembers what it was told. */
const shell = (answers: Record<string, Partial<ExecResult>> = {}) => {
  const told: { command: string; ms: number }[] = [];
  return {
    told,
    host: 'control1',
    run: async (command: readonly string[], ms: number): Promise<ExecResult> => {
      const verb = command[command.indexOf('systemctl') + 1] ?? '';
      told.push({ command: command.join(' '), ms });
      return { exitCode: 0, output: verb === 'show' ? shown() : '', ...answers[verb] };
    },
  };
};

describe('what systemctl show says', () => {
  test('of a unit of Kolla is read', () => {
    expect(parseUnit(shown())).toEqual({
      state: {
        activeState: 'active',
        subState: 'running',
        enabled: true,
        stopSeconds: 60,
        restartSeconds: 11,
      },
      timeoutStopSeconds: 90,
    });
  });

  test('of a unit whose TimeoutStopSec ends its stop command early is the shorter time', () => {
    expect(parseUnit(shown({ TimeoutStopUSec: '20s' }))?.state.stopSeconds).toBe(20);
  });

  test.each([
    ['11s', 11],
    ['1min 5s', 65],
    ['100ms', 0.1],
    ['1.500s', 1.5],
    ['2h 1min', 7_260],
    ['0', 0],
    ['infinity', Number.POSITIVE_INFINITY],
  ])('a time span %s', (text, seconds) => expect(spanSeconds(text)).toBe(seconds));

  test.each([
    ['/usr/bin/podman stop --time=80 cinder_api', 80],
    ['/usr/bin/docker stop --timeout 90 cinder_api', 90],
    ['/usr/bin/docker stop cinder_api', null],
    ['/usr/bin/docker stop -t60 cinder_api', 60],
  ])('the grace in %s', (argv, seconds) => {
    const ExecStop = `{ path=/usr/bin/x ; argv[]=${argv} ; ignore_errors=no ; pid=0 }`;
    expect(parseUnit(shown({ ExecStop }))?.state.stopSeconds).toBe(seconds);
  });

  test('that there is no such unit, or that it is enabled only until the next boot', () => {
    expect(parseUnit(shown({ LoadState: 'not-found', ActiveState: 'inactive' }))).toBeUndefined();
    expect(parseUnit(shown({ UnitFileState: 'enabled-runtime' }))?.state.enabled).toBe(false);
  });

  test('of a unit whose file is gone and whose process runs on is not taken for nothing', () => {
    expect(parseUnit(shown({ LoadState: 'not-found', ActiveState: 'active' }))?.state.activeState).toBe(
      'active',
    );
  });

  test.each([
    ['', 'the answer is not one of systemctl'],
    [shown({ LoadState: 'bad-setting' }), 'systemd cannot use the unit: its state is bad-setting'],
    [shown({ RestartUSec: 'soon' }), '"soon" is no time span of systemd'],
  ])('that cannot be understood is an error, not a guess', async (output, why) => {
    await expect(systemctlUnits(shell({ show: { output } }), { sudo: false }).read(UNIT)).rejects.toThrow(
      why,
    );
  });
});

describe('orders to systemctl', () => {
  test('are the four that a sudoers file can name, with sudo in front where asked', async () => {
    const host = shell();
    const units = systemctlUnits(host, { sudo: true });
    await units.stop(UNIT);
    await units.start(UNIT);
    expect(host.told.map(({ command }) => command)).toEqual([
      `sudo -n systemctl show ${UNIT}`,
      `sudo -n systemctl stop ${UNIT}`,
      `sudo -n systemctl reset-failed ${UNIT}`,
      `sudo -n systemctl show ${UNIT}`,
      `sudo -n systemctl start ${UNIT}`,
    ]);
  });

  test.each([
    [true, {}, undefined],
    [true, { stop: 'sudo: a password is required' }, `systemctl stop ${UNIT} (sudo: a password is required)`],
    [true, { start: '' }, `systemctl start ${UNIT} (exit code 1)`],
    [false, {}, undefined],
    [false, { id: '1000' }, 'not root (user id 1000)'],
    [false, { id: 'bash: warning: setlocale failed\n0' }, undefined],
  ])('are known to be permitted or not before one is given (sudo %s, %j)', async (sudo, no, why) => {
    const told: string[] = [];
    const run = async (command: readonly string[]): Promise<ExecResult> => {
      told.push(command.join(' '));
      const refused = Object.entries(no).find(([word]) => command.includes(word));
      if (command[0] === 'id') return { exitCode: 0, output: `${refused?.[1] ?? '0'}\n` };
      return { exitCode: refused ? 1 : 0, output: refused?.[1] ?? '' };
    };
    const said = await systemctlUnits({ host: 'control1', run }, { sudo }).forbidden(UNIT);
    expect(said).toEqual(why === undefined ? undefined : expect.stringContaining(why));
    // Whatever runs a command only asks for it.
    expect(told.filter((command) => !/^(sudo -n -l systemctl|id -u$)/.test(command))).toEqual([]);
  });

  test('wait longer than the unit may take to stop, and not for ever', async () => {
    const host = shell();
    await systemctlUnits(host, { sudo: false }).stop(UNIT);
    expect(host.told.at(-1)?.ms).toBeGreaterThan(180_000);
    const endless = shell({ show: { output: shown({ TimeoutStopUSec: 'infinity' }) } });
    await systemctlUnits(endless, { sudo: false }).stop(UNIT);
    expect(endless.told.at(-1)?.ms).toBe(900_000);
  });

  test.each([
    [true, 'sudo: a password is required', 'without a password (sudoers, NOPASSWD)'],
    [true, 'Sorry, user bot is not allowed to execute systemctl', 'without a password (sudoers, NOPASSWD)'],
    [false, 'Failed to stop unit: Interactive authentication required.', 'Set `sudo: true`'],
    [false, 'Failed to stop unit: Access denied', 'Set `sudo: true`'],
  ])(
    'that are not permitted (sudo %s: %s) are refused for good, with a way out',
    async (sudo, output, wayOut) => {
      const refused = systemctlUnits(shell({ stop: { exitCode: 1, output } }), { sudo }).stop(UNIT);
      await expect(refused).rejects.toMatchObject({ unknown: false, status: 403 });
      await expect(refused).rejects.toThrow(wayOut);
    },
  );

  test('that fail otherwise may be tried again', async () => {
    const output = `Job for ${UNIT} canceled.`;
    const error: unknown = await systemctlUnits(shell({ start: { exitCode: 1, output } }), { sudo: false })
      .start(UNIT)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ status: undefined, unknown: false });
  });

  test('to forget a failure do not mind a unit that systemd has forgotten', async () => {
    const output = `Failed to reset failed state of unit ${UNIT}: Unit ${UNIT} not loaded.`;
    await expect(
      systemctlUnits(shell({ 'reset-failed': { exitCode: 1, output } }), { sudo: false }).clear(UNIT),
    ).resolves.toBeUndefined();
  });
});
