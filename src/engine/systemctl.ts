import { EngineError, type ExecResult } from './port.js';
import { parseUnit } from './unit-properties.js';
import type { HostShell, Units } from './units.js';

const READ_MS = 15_000;
/** On top of what a unit may take for itself. */
const MARGIN_MS = 30_000;
/** For a unit without a limit of its own. */
const LONGEST_MS = 900_000;

/** sudo that would ask for a password, a sudoers file without us, and polkit, in their own words. */
const NOT_PERMITTED =
  /sudo: |not in the sudoers|not allowed to (execute|run)|interactive authentication required|access denied|permission denied|operation not permitted|authentication is required/i;
/** D-Bus's AccessDenied, as an HTTP status: trying again will not help. */
const FORBIDDEN = 403;
const NOT_LOADED = /not loaded|could not be found/i;

type Options = {
  /** Put `sudo -n` in front: it never asks, it fails. */
  readonly sudo: boolean;
};

const lastWords = ({ exitCode, output }: ExecResult): string =>
  output.trim().split('\n').slice(-3).join(' / ') || `exit code ${exitCode}`;

const refusalOf = (host: string, call: string, ended: ExecResult, sudo: boolean): EngineError => {
  const said = lastWords(ended);
  if (!NOT_PERMITTED.test(ended.output)) return new EngineError(host, call, said, false);
  const wayOut = sudo
    ? 'Let the SSH user run systemctl show, stop, start and reset-failed for kolla-* units without a password (sudoers, NOPASSWD)'
    : 'Set `sudo: true` in the host’s ssh settings, or connect as root';
  return new EngineError(host, call, `${said}. ${wayOut}.`, false, FORBIDDEN);
};

const CHANGES = ['reset-failed', 'stop', 'start'] as const;

/** `sudo -l <command>` ends with 0 only where the command is permitted, and runs nothing (sudo(8)). */
const sudoForbids = async (shell: HostShell, unit: string): Promise<string | undefined> => {
  for (const verb of CHANGES) {
    const ended = await shell.run(['sudo', '-n', '-l', 'systemctl', verb, unit], READ_MS);
    if (ended.exitCode !== 0)
      return `sudo does not let the SSH user run systemctl ${verb} ${unit} (${lastWords(ended)})`;
  }
  return undefined;
};

/** A right that polkit gives cannot be asked for, and does not count. */
const notRoot = async (shell: HostShell): Promise<string | undefined> => {
  const ended = await shell.run(['id', '-u'], READ_MS);
  if (ended.exitCode !== 0) throw new EngineError(shell.host, 'id -u', lastWords(ended), false);
  // What the user's shell says when it starts (.bashrc) stands before it.
  const said = ended.output.trim().split('\n').at(-1) ?? '';
  return said === '0' ? undefined : `the SSH user is not root (user id ${said}), and \`sudo\` is not set`;
};

/**
 * systemd's units of one host by its `systemctl`. Only `show`, `stop`, `reset-failed` and `start` of the named unit are
 * ever run, without further options, so that a sudoers file can name exactly these.
 */
export const systemctlUnits = (shell: HostShell, { sudo }: Options): Units => {
  const { host } = shell;
  const systemctl = (words: readonly string[], timeoutMs: number): Promise<ExecResult> =>
    shell.run([...(sudo ? ['sudo', '-n'] : []), 'systemctl', ...words], timeoutMs);

  const show = async (unit: string) => {
    const ended = await systemctl(['show', unit], READ_MS);
    if (ended.exitCode !== 0) throw refusalOf(host, `systemctl show ${unit}`, ended, sudo);
    try {
      return parseUnit(ended.output);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new EngineError(host, `systemctl show ${unit}`, why, false);
    }
  };

  /** systemd gives its stop command, SIGTERM and SIGKILL that time each (systemd.service, TimeoutStopSec). */
  const patience = async (unit: string): Promise<number> => {
    const shown = await show(unit);
    const each = shown?.timeoutStopSeconds ?? Number.POSITIVE_INFINITY;
    return Math.min(LONGEST_MS, each * 2_000 + MARGIN_MS);
  };

  const change = async (verb: (typeof CHANGES)[number], unit: string, ms: number): Promise<void> => {
    const ended = await systemctl([verb, unit], ms);
    if (ended.exitCode === 0) return;
    // A unit that systemd forgot has no failure and no start limit.
    if (verb === 'reset-failed' && NOT_LOADED.test(ended.output)) return;
    throw refusalOf(host, `systemctl ${verb} ${unit}`, ended, sudo);
  };

  const clear = (unit: string): Promise<void> => change('reset-failed', unit, READ_MS);

  return {
    host,
    read: async (unit) => (await show(unit))?.state,
    forbidden: (unit) => (sudo ? sudoForbids(shell, unit) : notRoot(shell)),
    clear,
    stop: async (unit) => change('stop', unit, await patience(unit)),
    start: async (unit) => {
      await clear(unit);
      await change('start', unit, await patience(unit));
    },
  };
};
