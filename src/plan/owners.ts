import {
  isActive,
  isIdle,
  SHORTEST_RESTART_SECONDS,
  type UnitState,
  type Units,
  unitOf,
} from '../engine/units.js';
import { messageOf } from '../errors.js';
import { keyOf } from './images.js';
import type { PlanInput } from './input.js';
import type { Found, Observation, SeenHost } from './observe.js';
import type { Finding, Owner } from './plan.js';
import { AND_RESTART, at, block, warn } from './standing.js';

/** Who owns the process of each container, by `keyOf` (absent: the engine alone), and what is wrong with it. */
export type SeenOwners = {
  readonly owners: ReadonlyMap<string, Owner>;
  readonly problems: readonly Finding[];
};

type Seen = { readonly found: Found; readonly owner?: Owner; readonly problems: readonly Finding[] };

/** Kolla's containers have no restart policy of the engine where a unit owns them (kolla-ansible 16.0 and later). */
const looksOwned = (found: Found): boolean =>
  found.kollaShaped && ['', 'no'].includes(found.seen.restartPolicy.Name);

const maybeOwned = ({ host }: SeenHost, found: Found): boolean =>
  host.supervisor === 'systemd' || looksOwned(found);

/** A unit that nobody told us how to reach: it is left to do what it does by itself. */
const unreached = (found: Found): Seen => {
  const unit = unitOf(found.seen.name);
  return {
    found,
    owner: { kind: 'rename-first', unit },
    problems: [
      warn(
        'unit-not-reached',
        `${at(found)} is most likely owned by ${unit}, and there is no access to the units of ${found.seen.host}. The swap is done past it: the unit itself starts the new container, about 11 s after the old one has ended.`,
        'For a shorter gap give `ssh` for the host in the hosts file; if no unit owns it, say `supervisor: none`. Then start Stackswap again.',
      ),
    ],
  };
};

const stopProblems = (found: Found, unit: string, state: UnitState): readonly Finding[] => {
  const { graceSeconds } = found.entry;
  if (state.stopSeconds !== null && state.stopSeconds >= graceSeconds) return [];
  if (state.restartSeconds < SHORTEST_RESTART_SECONDS)
    return [
      block(
        'unit-restarts-fast',
        `${unit} on ${found.seen.host} starts ${found.seen.name} again ${state.restartSeconds} s after it has ended: too soon to stop it with the ${graceSeconds} s that it needs and then tell the unit.`,
        `Set RestartSec to ${SHORTEST_RESTART_SECONDS} s or more (Kolla’s own is 11 s), or the unit’s stop command to -t ${graceSeconds} and its TimeoutStopSec above that; then systemctl daemon-reload.`,
      ),
    ];
  const given = state.stopSeconds === null ? 'no time of its own' : `${state.stopSeconds} s`;
  return [
    warn(
      'unit-stop-short',
      `${unit} on ${found.seen.host} gives ${found.seen.name} ${given} to stop, and it may need ${graceSeconds} s. Stackswap ends it by the engine with ${graceSeconds} s first, and stops the unit before it starts it again (after ${state.restartSeconds} s).`,
    ),
  ];
};

const problemsOf = (found: Found, unit: string, state: UnitState): readonly Finding[] => {
  return [
    ...(found.state === 'running' && !isActive(state)
      ? [
          block(
            'unit-inactive',
            `${at(found)} runs, and its unit ${unit} is ${state.activeState} (${state.subState}): it was started past the unit, and nobody watches it.`,
            `Look why, then on the host: systemctl start ${unit}. It takes up the running container and interrupts nothing.`,
          ),
        ]
      : []),
    ...(state.enabled
      ? []
      : [
          warn(
            'unit-not-enabled',
            `${unit} on ${found.seen.host} is not enabled: after a reboot ${found.seen.name} stays down, whichever version it has.`,
            `On the host: systemctl enable ${unit}`,
          ),
        ]),
    ...stopProblems(found, unit, state),
  ];
};

/** What a run would only meet at its first order to the unit. */
const rightsProblems = (found: Found, unit: string, why: string | undefined): readonly Finding[] =>
  why === undefined
    ? []
    : [
        block(
          'unit-no-rights',
          `${unit} owns ${at(found)}, and Stackswap may not stop and start it: ${why}.`,
          'Give the host’s SSH user the rights that docs/hosts-over-ssh.md lists for units (`sudo: true` and a sudoers file), or connect as root.',
        ),
      ];

const NOT_MEANT = `If that is meant, take \`supervisor\` away in the hosts file ${AND_RESTART}; if not, let kolla-ansible write the unit.`;

/** Without such a unit the engine alone owns it. */
const askUnit = async (found: Found, { host }: SeenHost, units: Units): Promise<Seen> => {
  const unit = unitOf(found.seen.name);
  const state = await units.read(unit);
  if (!state) {
    const promised = host.supervisor === 'systemd';
    const text = `The hosts file says that systemd owns ${at(found)}, and there is no unit ${unit}: the engine alone stops and starts it.`;
    return { found, problems: promised ? [warn('unit-missing', text, NOT_MEANT)] : [] };
  }
  const stopSeconds = state.stopSeconds === null ? {} : { stopSeconds: state.stopSeconds };
  const problems = [
    ...rightsProblems(found, unit, await units.forbidden(unit)),
    ...problemsOf(found, unit, state),
  ];
  return { found, owner: { kind: 'unit', unit, ...stopSeconds }, problems };
};

const unreadable = (found: Found, why: string): Seen => ({
  found,
  problems: [
    block(
      'units-unreadable',
      `The unit of ${at(found)} cannot be read: ${why}`,
      'Mend the host’s ssh settings (stackswap doctor tries them), or say `supervisor: none` if systemd owns nothing there. Then start Stackswap again. Without `ssh` the swap is done past the unit, with a longer gap.',
    ),
  ],
});

const TAKE_NONE_AWAY = `take \`supervisor: none\` of the host away in the hosts file ${AND_RESTART}`;

/** The hosts file says that no unit owns it: an active one would stop the new container, or start the old one again. */
const doubtDenial = async (found: Found, units: Units | undefined): Promise<Seen> => {
  const unit = unitOf(found.seen.name);
  const { host, name } = found.seen;
  const state = await units?.read(unit).catch(() => 'unread' as const);
  if (units && state === undefined) return { found, problems: [] };
  if (state !== undefined && state !== 'unread' && !isIdle(state)) {
    const text = `The hosts file says supervisor: none for ${host}, and ${unit} owns ${name} there (${state.activeState}): it would fight the swap.`;
    return {
      found,
      problems: [block('unit-denied', text, `For a swap through the unit, ${TAKE_NONE_AWAY}.`)],
    };
  }
  const text = `The hosts file says supervisor: none for ${host}, and ${name} has no restart policy. Then nobody starts it after a reboot; or a unit does, and fights a swap.`;
  const wayOut = `Look on the host with systemctl status ${unit}: if there is a unit, ${TAKE_NONE_AWAY}.`;
  return { found, problems: [warn('nobody-starts', text, wayOut)] };
};

const askHost = async (host: SeenHost, units: Units | undefined): Promise<readonly Seen[]> => {
  if (host.host.supervisor === 'none')
    return Promise.all(host.found.filter(looksOwned).map((found) => doubtDenial(found, units)));
  if (!units) return host.found.filter((found) => maybeOwned(host, found)).map(unreached);
  return Promise.all(
    host.found.map((found) =>
      askUnit(found, host, units).catch((error: unknown) => unreadable(found, messageOf(error))),
    ),
  );
};

/** Asks each host whose units own the service's containers. Where it says `supervisor: none`, only what looks otherwise. */
export const observeOwners = async (
  observation: Observation,
  unitsOf: (host: string) => Units | undefined,
): Promise<SeenOwners> => {
  const asked = observation.hosts.map((host) => askHost(host, unitsOf(host.host.name)));
  const seen = (await Promise.all(asked)).flat();
  return {
    owners: new Map(seen.flatMap(({ found, owner }) => (owner ? [[keyOf(found), owner] as const] : []))),
    problems: seen.flatMap(({ problems }) => problems),
  };
};

export const ownerFindings = ({ owners }: PlanInput): readonly Finding[] => owners.problems;
