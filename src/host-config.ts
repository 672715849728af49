import { z } from 'zod';
import { isPlainPath, sshPlaceOf, sshProblems } from './ssh-place.js';

const serviceName = z.string().regex(/^[a-z][a-z0-9_-]*$/);

/** `[user@]host[:port]`, as a jump host is written. */
const sshPlace = z.string().refine((text) => sshPlaceOf(text) !== undefined, '[user@]host[:port]');

const path = z.string().refine(isPlainPath, 'a path without quotes, backslashes, line breaks or variables');

/** How a host is reached over SSH: for its engine (`ssh://`), for its systemd units, or for both. */
export const sshSchema = z.strictObject({
  /** Only where `engine` is not `ssh://`: the place of the units. */
  address: sshPlace.optional(),
  /** Private key file; without it the agent's keys are offered. */
  key: path.optional(),
  /** The agent's socket; default SSH_AUTH_SOCK. */
  agent: path.optional(),
  /** Default: the files of ssh itself. An unknown or changed key is always refused. */
  known_hosts: path.optional(),
  /** Public host keys (`ssh-ed25519 AAAA…`); where given, no known_hosts file is read. */
  host_keys: z.array(z.string().regex(/^[\w@.-]+ [A-Za-z0-9+/=]+/, 'ssh-ed25519 AAAA…')).optional(),
  /** Jump hosts in order; their keys are checked against known_hosts. */
  jump: z.array(sshPlace).default([]),
  /** Whether `systemctl` needs `sudo -n`. */
  sudo: z.boolean().default(false),
});

export type SshConfig = z.infer<typeof sshSchema>;

/** Also where other settings of the host do not fit: all problems are told at once. */
const WHERE_ADDRESSES_FIT = {
  when: ({ value }: z.core.ParsePayload): boolean => {
    const { engine, ssh } = Object(value);
    return (
      typeof engine === 'string' &&
      (ssh === undefined || ['string', 'undefined'].includes(typeof Object(ssh).address))
    );
  },
};

export const hostSchema = z
  .strictObject({
    name: z.string().regex(/^[A-Za-z0-9._-]+$/, 'letters, digits, dot, dash, underscore'),
    /** `unix:///path`, `tcp://host:2376` with `tls`, `ssh://[user@]host[:port][/socket]`, or `sim:` in the demo. */
    engine: z
      .string()
      .regex(/^(unix:\/\/\/|tcp:\/\/|ssh:\/\/|sim:)/, 'unix:///path, tcp://host:port or ssh://user@host'),
    tls: z.strictObject({ ca: z.string(), cert: z.string(), key: z.string() }).optional(),
    ssh: sshSchema.optional(),
    /** kolla-ansible's api_interface_address of the host: where its APIs answer. */
    api_address: z.string().optional(),
    /** Ports that are not the catalogue's, by service. */
    ports: z.record(serviceName, z.number().int().min(1).max(65535)).default({}),
    container_prefix: z
      .string()
      .regex(/^[A-Za-z0-9_.-]*$/)
      .default(''),
    /** Who owns the containers' processes; `none` says: the engine alone. Without it the host itself is asked. */
    supervisor: z.enum(['none', 'systemd']).optional(),
    /** Releases that the configuration in the host's /etc/kolla fits, by the operator's word. */
    config_fits: z.array(z.string()).default([]),
  })
  .superRefine((host, context) => {
    if (host.engine.startsWith('tcp://') && !host.tls)
      context.addIssue({
        code: 'custom',
        path: ['tls'],
        message: 'tcp:// without TLS would hand out root: give ca, cert and key',
      });
    for (const { path, message } of sshProblems(host)) context.addIssue({ code: 'custom', path, message });
  }, WHERE_ADDRESSES_FIT);

export type HostConfig = z.infer<typeof hostSchema>;
