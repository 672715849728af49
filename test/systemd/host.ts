import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type Dockerode from 'dockerode';
import type { HostShell } from '../../src/engine/units.js';
import type { RealDocker } from '../engine/real-docker.js';

const run = promisify(execFile);
const SCRIPT = join(fileURLToPath(new URL('.', import.meta.url)), 'build-image.sh');
const BOOTS_WITHIN_MS = 60_000;
const COMMAND_MS = 60_000;

/** A Debian host with systemd as process 1, sshd and this machine's engine; itself a container of that engine. */
export type SystemdHost = {
  readonly name: string;
  /** Where its sshd listens, reachable from this machine only; the same after a reboot. */
  readonly address: string;
  /** As root, without SSH. */
  readonly shell: HostShell;
  /** Output of a script; throws when it fails. */
  sh(script: string): Promise<string>;
  /** Pulls the plug and boots again; `while` happens when the power is off. */
  reboot(off?: () => Promise<void>): Promise<void>;
};

const CLIENTS = ['/usr/bin/docker', '/usr/local/bin/docker'];

const onPath = (command: string): boolean =>
  (process.env.PATH ?? '').split(':').some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** What this machine lacks for a host with systemd, in words; `undefined` when all is there. */
export const missingForSystemd = (): string | undefined => {
  if (process.getuid?.() !== 0) return 'a host with systemd is built as root (mmdebstrap)';
  if (!CLIENTS.some((client) => existsSync(client)))
    return `there is no docker command (looked for ${CLIENTS.join(', ')})`;
  for (const [command, debian] of [
    ['mmdebstrap', 'mmdebstrap'],
    ['flock', 'util-linux'],
    ['ssh-keygen', 'openssh-client'],
  ] as const)
    if (!onPath(command)) return `there is no ${command} (Debian package ${debian})`;
  return undefined;
};

/** One build for all test processes; kept on the engine, since its name is the hash of what it is made by. */
const buildImage = async (): Promise<string> => {
  const hash = createHash('sha256').update(readFileSync(SCRIPT)).digest('hex').slice(0, 12);
  const ref = `stackswap-test/systemd-host:${hash}`;
  await run('flock', [join(tmpdir(), 'stackswap-systemd-host.lock'), 'bash', SCRIPT, ref], {
    maxBuffer: 16 * 1024 * 1024,
  });
  return ref;
};

/** What process 1 needs of its cgroups. Version 2 by the usual recipe of containers with systemd; not tried by us. */
const cgroupBinds = (version: string | undefined): { Binds: string[]; Tmpfs: Record<string, string> } =>
  version === '2'
    ? { Binds: ['/sys/fs/cgroup:/sys/fs/cgroup:rw'], Tmpfs: {} }
    : {
        Binds: ['/sys/fs/cgroup/systemd:/sys/fs/cgroup/systemd:rw'],
        Tmpfs: { '/sys/fs/cgroup': 'mode=755' },
      };

/** Docker's types do not know `CgroupnsMode`. */
type HostConfig = Dockerode.HostConfig & { readonly CgroupnsMode: 'host' };

const hostConfigFor = async (real: RealDocker): Promise<HostConfig> => {
  const { CgroupVersion } = (await real.docker.info()) as { CgroupVersion?: string };
  const { Binds, Tmpfs } = cgroupBinds(CgroupVersion);
  const client = CLIENTS.find((one) => existsSync(one)) ?? '';
  return {
    Binds: [
      ...Binds,
      `${realpathSync(real.socketPath)}:/host/docker.sock`,
      `${realpathSync(client)}:/usr/bin/docker:ro`,
    ],
    Tmpfs: { '/run': 'exec', '/run/lock': '', '/tmp': '', ...Tmpfs },
    CapAdd: ['SYS_ADMIN'],
    SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
    CgroupnsMode: 'host',
  };
};

const waitUntilUp = async (shell: HostShell): Promise<void> => {
  const end = Date.now() + BOOTS_WITHIN_MS;
  for (;;) {
    const { output } = await shell.run(['systemctl', 'is-system-running'], COMMAND_MS);
    if (['running', 'degraded'].includes(output.trim())) return;
    if (Date.now() > end) throw new Error(`systemd says ${output.trim()} after ${BOOTS_WITHIN_MS / 1000} s`);
    await sleep(200);
  }
};

/** Boots a host; its name bears the prefix of `real`, whose `cleanUp` would remove it, too. */
export const systemdHost = async (real: RealDocker, word = 'host'): Promise<SystemdHost> => {
  const name = real.name(word);
  const Image = await buildImage();
  const network = await real.network(word);
  const address = `${network.subnet}.10`;
  const container = await real.docker.createContainer({
    name,
    Image,
    StopSignal: 'SIGRTMIN+3',
    Env: ['container=docker'],
    HostConfig: { ...(await hostConfigFor(real)), NetworkMode: network.name },
    NetworkingConfig: { EndpointsConfig: { [network.name]: { IPAMConfig: { IPv4Address: address } } } },
  });
  const shell: HostShell = {
    host: 'node1',
    run: (command, timeoutMs) => real.engine.exec(container.id, command, timeoutMs),
  };
  const boot = async (): Promise<void> => {
    await container.start();
    await waitUntilUp(shell);
  };
  await boot();
  return {
    name,
    address,
    shell,
    sh: async (script) => {
      const { exitCode, output } = await shell.run(['sh', '-c', script], COMMAND_MS);
      if (exitCode !== 0) throw new Error(`${script}: exit ${exitCode}: ${output}`);
      return output.trim();
    },
    reboot: async (off) => {
      await container.kill();
      await off?.();
      await boot();
    },
  };
};
