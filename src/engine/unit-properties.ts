import type { UnitState } from './units.js';

const ACTIVE_STATES: readonly UnitState['activeState'][] = [
  'active',
  'inactive',
  'failed',
  'activating',
  'deactivating',
  'reloading',
];

const SECONDS: Readonly<Record<string, number>> = {
  us: 1e-6,
  ms: 1e-3,
  s: 1,
  min: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
  month: 2_629_800,
  y: 31_557_600,
};

/** systemd's way to print a time span (`11s`, `1min 5s`, `100ms`, `0`, `infinity`), in seconds. */
export const spanSeconds = (text: string): number => {
  if (text === 'infinity') return Number.POSITIVE_INFINITY;
  if (text === '0') return 0;
  return text
    .trim()
    .split(/\s+/)
    .reduce((sum, part) => {
      const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(part) ?? [];
      const each = SECONDS[unit];
      if (number === undefined || each === undefined) throw new Error(`"${text}" is no time span of systemd`);
      return sum + Number(number) * each;
    }, 0);
};

/** The grace in `docker stop <name> -t 60`, as `ExecStop=` is shown; `null` where none is given. */
const graceIn = (execStop: readonly string[]): number | null => {
  const command = execStop.find((line) => /\bstop\b/.test(line)) ?? '';
  const argv = /argv\[\]=(.*?) ;/.exec(command)?.[1] ?? '';
  const given = /(?:^| )(?:-t|--time|--timeout)[ =]?(\d+)(?= |$)/.exec(argv)?.[1];
  return given === undefined ? null : Number(given);
};

/** The lines of `systemctl show`; a property may be there more than once. */
const propertiesIn = (output: string): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, string[]>();
  for (const line of output.split('\n')) {
    const [, key, value = ''] = /^(\w+)=(.*)$/.exec(line.trimEnd()) ?? [];
    if (key !== undefined) found.set(key, [...(found.get(key) ?? []), value]);
  }
  return found;
};

export type ShownUnit = { readonly state: UnitState; readonly timeoutStopSeconds: number };

/**
 * What `systemctl show <unit>` printed; `undefined` when there is no such unit. Throws where the answer is not one of
 * systemd's, or where systemd cannot read the unit's own file.
 */
export const parseUnit = (output: string): ShownUnit | undefined => {
  const properties = propertiesIn(output);
  const one = (key: string): string => properties.get(key)?.[0] ?? '';
  const activeState = ACTIVE_STATES.find((state) => state === one('ActiveState'));
  const load = one('LoadState');
  if (activeState === undefined || load === '') throw new Error('the answer is not one of systemctl');
  const gone = ['not-found', 'masked'].includes(load);
  if (gone && ['inactive', 'failed'].includes(activeState)) return undefined;
  const grace = graceIn(properties.get('ExecStop') ?? []);
  const timeoutStopSeconds = spanSeconds(one('TimeoutStopUSec') || '1min 30s');
  if (load !== 'loaded' && !gone) throw new Error(`systemd cannot use the unit: its state is ${load}`);
  return {
    state: {
      activeState,
      subState: one('SubState'),
      enabled: ['enabled', 'generated'].includes(one('UnitFileState')),
      // systemd kills a stop command that takes longer than TimeoutStopSec, whatever that command would wait for.
      stopSeconds: grace === null ? null : Math.min(grace, timeoutStopSeconds),
      restartSeconds: spanSeconds(one('RestartUSec') || '100ms'),
    },
    timeoutStopSeconds,
  };
};
