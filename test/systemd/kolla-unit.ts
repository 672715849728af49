import { unitOf } from '../../src/engine/units.js';
import type { SystemdHost } from './host.js';

export type UnitTimes = {
  /** Kolla's `docker_graceful_timeout`. */
  readonly stopSeconds?: number;
  /** Kolla's 120 // 10 - 1. */
  readonly restartSeconds?: number;
};

/** A unit with the keys and values of kolla-ansible 20 and later (kolla_systemd_worker.py). */
export const kollaUnit = (
  name: string,
  { stopSeconds = 60, restartSeconds = 11 }: UnitTimes = {},
): string => `[Unit]
Description=docker ${name}
After=docker.service
Wants=docker.service
PartOf=kolla.target
StartLimitInterval=120
StartLimitBurst=10

[Service]
ExecStart=/usr/bin/docker start -a ${name}
ExecStop=/usr/bin/docker stop ${name} -t ${stopSeconds}
Restart=always
RestartSec=${restartSeconds}
SuccessExitStatus=143

[Install]
WantedBy=multi-user.target
`;

/** Writes the units of several containers at once, and enables and starts them. */
export const installUnits = async (
  host: SystemdHost,
  units: readonly (UnitTimes & { readonly name: string })[],
  how: 'started' | 'stopped' = 'started',
): Promise<void> => {
  const all = units.map(({ name }) => unitOf(name)).join(' ');
  const files = units.map(
    (unit) => `cat >/etc/systemd/system/${unitOf(unit.name)} <<'END'\n${kollaUnit(unit.name, unit)}END\n`,
  );
  await host.sh(
    `${files.join('')}systemctl daemon-reload\nsystemctl enable -q ${all}\n${how === 'started' ? `systemctl start ${all}` : ''}`,
  );
};

/** The unit's own words, by property. */
export const show = async (host: SystemdHost, name: string): Promise<Record<string, string>> => {
  const lines = await host.sh(`systemctl show ${unitOf(name)}`);
  return Object.fromEntries(
    lines.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
};
