import {
  isActive,
  SHORTEST_RESTART_SECONDS,
  type UnitState,
  type Units,
  unitOf,
} from '../../engine/units.js';
import { messageOf } from '../../errors.js';
import { type Check, type HostCheck, type HostUnderCheck, know, mend, names, verb, well } from './check.js';
import { type Catalogued, kollaShaped } from './kolla-containers.js';

/** Questions in flight at one host's systemd. */
const AT_ONCE = 4;

type Owned = Catalogued & {
  readonly unit: UnitState | undefined;
  /** Why the bot may not manage the unit. */
  readonly forbidden: string | undefined;
};

/** Whether the engine itself starts the container again. */
const restarted = ({ container }: Catalogued): boolean =>
  !['', 'no'].includes(container.HostConfig.RestartPolicy.Name);

const readOne = async (units: Units, one: Catalogued): Promise<Owned> => {
  const unit = await units.read(unitOf(one.name));
  return { ...one, unit, forbidden: unit && (await units.forbidden(unitOf(one.name))) };
};

const readAll = async (units: Units, all: readonly Catalogued[]): Promise<readonly Owned[]> => {
  const read: Owned[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE) {
    const some = all.slice(from, from + AT_ONCE).map((one) => readOne(units, one));
    read.push(...(await Promise.all(some)));
  }
  return read;
};

type Fault = {
  readonly of: (one: Owned) => boolean;
  readonly say: (found: readonly string[]) => Check;
};

const unitsOf = (all: readonly string[]): string => names(all.map(unitOf));

const FAULTS: readonly Fault[] = [
  {
    of: (one) => one.unit !== undefined && restarted(one),
    say: (found) =>
      mend('two-writers', {
        what: `${names(found)} ${verb(found, 'has', 'have')} a unit of systemd and a restart policy of the engine.`,
        why: 'Both start the container after a stop: what one of them stops, the other brings back in the middle of a swap.',
        wayOut: `Take the policy away: \`docker update --restart=no ${found.join(' ')}\``,
      }),
  },
  {
    of: (one) => one.unit === undefined && !restarted(one),
    say: (found) =>
      mend('nobody-starts', {
        what: `${names(found)} ${verb(found, 'has', 'have')} neither a unit of systemd nor a restart policy.`,
        why: 'After a reboot of the host nobody starts it.',
        wayOut:
          'Let kolla-ansible write the unit (reconfigure with the service’s tag), then `systemctl daemon-reload`.',
      }),
  },
  {
    of: ({ unit, container }) => container.State.Running && unit !== undefined && !isActive(unit),
    say: (found) =>
      mend('unit-inactive', {
        what: `${names(found)} ${verb(found, 'runs', 'run')}, and ${verb(found, 'its unit is', 'their units are')} not active.`,
        why: 'It was started past systemd: nobody watches it, and a plan for it is refused.',
        wayOut: `See why with \`journalctl -u ${unitOf(found[0] ?? '')}\`; then \`systemctl start ${found.map(unitOf).join(' ')}\`, which takes up what runs and interrupts nothing.`,
      }),
  },
  {
    of: ({ unit, entry }) =>
      unit !== undefined &&
      unit.restartSeconds < SHORTEST_RESTART_SECONDS &&
      (unit.stopSeconds ?? 0) < entry.graceSeconds,
    say: (found) =>
      mend('unit-restarts-fast', {
        what: `${unitsOf(found)} ${verb(found, 'starts', 'start')} a stopped container again in less than ${SHORTEST_RESTART_SECONDS} s.`,
        why: 'That is too soon to give it the time to stop that it needs, and a plan for it is refused.',
        wayOut: 'Set RestartSec to Kolla’s own 11 s, then `systemctl daemon-reload`.',
      }),
  },
  {
    of: ({ unit }) => unit !== undefined && !unit.enabled,
    say: (found) =>
      mend('unit-disabled', {
        what: `${unitsOf(found)} ${verb(found, 'is', 'are')} not enabled.`,
        why: 'After a reboot of the host the container stays down.',
        wayOut: `\`systemctl enable ${found.map(unitOf).join(' ')}\``,
      }),
  },
];

const powerless = (denied: readonly Owned[]): readonly Check[] => {
  const [first] = denied;
  if (!first?.forbidden) return [];
  const found = denied.map(({ name }) => name);
  return [
    mend('unit-no-rights', {
      what: `The bot may not stop and start ${unitsOf(found)}: ${first.forbidden}.`,
      why: 'It can look and not act: a plan for what they own is refused.',
      wayOut:
        'Give the SSH user the rights of docs/hosts-over-ssh.md (`sudo: true` and a sudoers file), or connect as root.',
    }),
  ];
};

const missing = (found: readonly Owned[]): Check =>
  know('unit-missing', {
    what: `The host says supervisor: systemd, and ${names(found.map(({ name }) => name))} ${verb(found, 'has', 'have')} no unit.`,
    why: 'The engine alone stops and starts it then, by its restart policy.',
    wayOut: 'If that is meant, take supervisor away; if not, let kolla-ansible write the unit.',
  });

const judge = (read: readonly Owned[], promised: boolean): readonly Check[] => {
  const faults = FAULTS.flatMap(({ of, say }) => {
    const some = read.filter(of).map(({ name }) => name);
    return some.length > 0 ? [say(some)] : [];
  });
  const found = [...powerless(read.filter(({ forbidden }) => forbidden !== undefined)), ...faults];
  if (found.length > 0) return found;
  const owned = read.filter(({ unit }) => unit !== undefined);
  if (owned.length < read.length && promised) return [missing(read.filter(({ unit }) => !unit))];
  return [
    owned.length > 0
      ? well('units', `${owned.length} ${verb(owned, 'unit is', 'units are')} enabled and active.`)
      : well('units', 'No unit owns a container; the engine starts them.'),
  ];
};

/** The rename-first path: kolla_systemd_worker.py writes RestartSec 11 with kolla's defaults. */
const unreachable = (unrestarted: readonly Catalogued[]): Check =>
  know('units', {
    what: `systemd is not reached on this host, and ${names(unrestarted.map(({ name }) => name))} ${verb(unrestarted, 'has', 'have')} no restart policy: units own ${verb(unrestarted, 'it', 'them')}, most likely.`,
    why: 'A swap then leaves the start to the unit (rename first): about 11 s more gap for each container.',
    wayOut:
      'Give the host ssh, so that units are stopped and started themselves; or supervisor: none, if there is no unit.',
  });

const withoutUnits = ({ host }: HostUnderCheck, all: readonly Catalogued[]): Check => {
  const unrestarted = all.filter((one) => !restarted(one));
  if (unrestarted.length === 0) return well('units', 'The engine itself starts the containers again.');
  if (host.supervisor !== 'none') return unreachable(unrestarted);
  const found = unrestarted.map(({ name }) => name);
  return mend('nobody-starts', {
    what: `The host says supervisor: none, and ${names(found)} ${verb(found, 'has', 'have')} no restart policy.`,
    why: 'Then nobody starts it after a reboot; or a unit does, and fights a swap.',
    wayOut: `Look with \`systemctl status ${unitOf(found[0] ?? '')}\`: if there is a unit, take supervisor: none away.`,
  });
};

const unasked = (error: unknown, host: string): Check =>
  mend('units', {
    what: `systemd cannot be asked: ${messageOf(error).replace(`${host}: `, '')}.`,
    why: 'Who owns the containers is unknown, and a plan for them would be refused or slower.',
    wayOut:
      'Try what the bot does: ssh to the host and systemctl show, with the account and key of the hosts file (and sudo -n, where sudo is set).',
  });

export const units: HostCheck = async (seen) => {
  const all = kollaShaped(seen);
  if (all.length === 0) return [well('units', 'No Kolla container of the catalogue runs here.')];
  if (!seen.units || seen.host.supervisor === 'none') return [withoutUnits(seen, all)];
  try {
    return judge(await readAll(seen.units, all), seen.host.supervisor === 'systemd');
  } catch (error) {
    return [unasked(error, seen.host.name)];
  }
};
