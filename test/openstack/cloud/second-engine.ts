import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Docker from 'dockerode';
import { RUN } from '../places.js';
import { startDaemon, stopDaemon } from './daemon.js';
import { program } from './program.js';

const BRIDGE = 'osl-ctl2';
const BRIDGE_ADDRESS = '198.51.100.1/28';
const HOME = join(RUN, 'ctl2');
const CONTAINERD = join(HOME, 'containerd.sock');
export const SECOND_SOCKET = join(HOME, 'docker.sock');

const makeBridge = async (): Promise<void> => {
  if (existsSync(`/sys/class/net/${BRIDGE}`)) return;
  await program('ip', ['link', 'add', BRIDGE, 'type', 'bridge']);
  await program('ip', ['addr', 'add', BRIDGE_ADDRESS, 'dev', BRIDGE]);
  await program('ip', ['link', 'set', BRIDGE, 'up']);
};

/**
 * Another dockerd with a containerd, images, volumes and a socket of its own. It has a bridge of its own, too: with
 * `--bridge=none` Docker 20.10 deletes docker0, which is the first engine's.
 */
export const startSecondEngine = async (): Promise<Docker> => {
  await mkdir(HOME, { recursive: true });
  await makeBridge();
  const config = join(HOME, 'containerd.toml');
  await writeFile(
    config,
    [
      'version = 2',
      `root = "${HOME}/containerd"`,
      `state = "${HOME}/containerd-state"`,
      'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
      '[grpc]',
      `address = "${CONTAINERD}"`,
      '',
    ].join('\n'),
  );
  await startDaemon({
    name: 'containerd-ctl2',
    command: 'containerd',
    words: ['--config', config],
    ready: async () => existsSync(CONTAINERD),
  });
  const docker = new Docker({ socketPath: SECOND_SOCKET });
  await startDaemon({
    name: 'dockerd-ctl2',
    command: 'dockerd',
    words: [
      ...['--host', `unix://${SECOND_SOCKET}`, '--containerd', CONTAINERD],
      ...['--data-root', join(HOME, 'docker'), '--exec-root', join(HOME, 'exec')],
      ...['--pidfile', join(HOME, 'docker.pid'), '--bridge', BRIDGE],
      ...['--iptables=false', '--ip6tables=false', '--ip-forward=false'],
    ],
    ready: async () => (await docker.ping()).toString() === 'OK',
    withinMs: 60_000,
  });
  return docker;
};

/** Mounts that an engine which was killed could not take away. */
const unmountAll = async (): Promise<void> => {
  const mounts = (await readFile('/proc/mounts', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${HOME}/`))
    .sort()
    .reverse();
  for (const path of mounts) await program('umount', ['-l', path]);
};

/** Ends it and removes all that it had. Its containers have to be gone before: their processes are not its children. */
export const removeSecondEngine = async (): Promise<void> => {
  await stopDaemon('dockerd-ctl2');
  await stopDaemon('containerd-ctl2');
  await unmountAll();
  await rm(HOME, { recursive: true, force: true });
  if (existsSync(`/sys/class/net/${BRIDGE}`)) await program('ip', ['link', 'del', BRIDGE]);
};

/** Whether an earlier run left its folder. */
export const secondEngineLeft = (): boolean => existsSync(HOME);
