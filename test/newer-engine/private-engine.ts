import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import Docker from 'dockerode';
import { makeBridge, removeBridge } from './bridge.js';
import { type Daemon, startDaemon } from './processes.js';
import { unmountBelow } from './unmount.js';

export type PrivateEngineOptions = {
  /** A folder that is made for it and taken away in the end; its last word names the bridge. At most 60 characters. */
  readonly home: string;
  /** Folder of dockerd and containerd; absent: the ones of this machine. */
  readonly programs?: string;
  /** `containerd`: images lie in containerd, and an image's id is its manifest's digest. Needs Docker 25 or newer. */
  readonly store?: 'classic' | 'containerd';
  /** Whether containers go on while dockerd does not run. */
  readonly liveRestore?: boolean;
};

/** A dockerd with a containerd of its own, and nothing in common with the engine of this machine. */
export type PrivateEngine = {
  readonly docker: Docker;
  readonly socketPath: string;
  /** Ends dockerd; its containers end with it unless it restores them alive. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts dockerd again, and waits until it answers. */
  start(): Promise<void>;
  /** dockerd stands still: the socket takes connections, and nobody answers. */
  pause(): void;
  goOn(): void;
  /** Ends it, and takes away all that it had. */
  remove(): Promise<void>;
};

const START_MS = 60_000;
const END_MS = 60_000;

const containerdConfig = (home: string): string =>
  [
    'version = 2',
    `root = "${home}/containerd"`,
    `state = "${home}/containerd-state"`,
    'oom_score = 0',
    'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
    '[grpc]',
    `address = "${home}/containerd.sock"`,
    '',
  ].join('\n');

const dockerdConfig = ({ store, liveRestore = false }: PrivateEngineOptions): string =>
  JSON.stringify({
    'live-restore': liveRestore,
    ...(store === 'containerd' ? { features: { 'containerd-snapshotter': true } } : {}),
  });

const dockerdWords = (home: string, bridge: string): readonly string[] => [
  ...['--config-file', join(home, 'daemon.json'), '--host', `unix://${join(home, 'docker.sock')}`],
  ...['--containerd', join(home, 'containerd.sock'), '--bridge', bridge],
  ...['--data-root', join(home, 'docker'), '--exec-root', join(home, 'exec')],
  ...['--pidfile', join(home, 'docker.pid')],
  ...['--iptables=false', '--ip6tables=false', '--ip-forward=false'],
];

const removeAll = async (docker: Docker): Promise<void> => {
  for (const { Id } of await docker.listContainers({ all: true }))
    await docker.getContainer(Id).remove({ force: true });
  for (const { Id, Name } of await docker.listNetworks())
    if (!['bridge', 'host', 'none'].includes(Name)) await docker.getNetwork(Id).remove();
};

/** What dockerd's own children and containers were told; they live on when a dockerd that is killed does not. */
const envOf = (programs: string | undefined): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: programs ? `${programs}:${process.env.PATH}` : process.env.PATH,
});

type Place = { readonly home: string; readonly bridge: string };

const takeAway = ({ home, bridge }: Place): void => {
  unmountBelow(home);
  removeBridge(bridge);
  rmSync(home, { recursive: true });
};

/** Starts one; needs root. One that does not start leaves nothing. */
export const startPrivateEngine = async (options: PrivateEngineOptions): Promise<PrivateEngine> => {
  const { home } = options;
  const place = { home, bridge: `sw-${basename(home).slice(-12)}` };
  mkdirSync(home, { recursive: true, mode: 0o711 });
  makeBridge(place.bridge);
  const daemons: Daemon[] = [];
  try {
    return await started(options, place, daemons);
  } catch (error) {
    for (const daemon of daemons.reverse()) await ended(daemon, 'SIGKILL');
    takeAway(place);
    throw error;
  }
};

const ended = async (daemon: Daemon, signal: NodeJS.Signals): Promise<void> => {
  daemon.signal(signal);
  await daemon.ended(END_MS);
};

const started = async (
  options: PrivateEngineOptions,
  place: Place,
  daemons: Daemon[],
): Promise<PrivateEngine> => {
  const { home, programs } = options;
  const env = envOf(programs);
  const socketPath = join(home, 'docker.sock');
  writeFileSync(join(home, 'containerd.toml'), containerdConfig(home));
  writeFileSync(join(home, 'daemon.json'), dockerdConfig(options));
  const containerd = await startDaemon({
    command: programs ? join(programs, 'containerd') : 'containerd',
    words: ['--config', join(home, 'containerd.toml')],
    env,
    log: join(home, 'containerd.log'),
    ready: async () => existsSync(join(home, 'containerd.sock')),
    withinMs: START_MS,
  });
  daemons.push(containerd);
  const docker = new Docker({ socketPath });
  const startDockerd = (): Promise<Daemon> =>
    startDaemon({
      command: programs ? join(programs, 'dockerd') : 'dockerd',
      words: dockerdWords(home, place.bridge),
      env,
      log: join(home, 'dockerd.log'),
      ready: async () => (await docker.ping()).toString() === 'OK',
      withinMs: START_MS,
    });
  let dockerd = await startDockerd();

  const start = async (): Promise<void> => {
    if (!dockerd.alive()) dockerd = await startDockerd();
  };
  return {
    docker,
    socketPath,
    end: (signal) => ended(dockerd, signal),
    start,
    pause: () => dockerd.signal('SIGSTOP'),
    goOn: () => dockerd.signal('SIGCONT'),
    remove: async () => {
      dockerd.signal('SIGCONT');
      await start();
      await removeAll(docker);
      await ended(dockerd, 'SIGTERM');
      await ended(containerd, 'SIGTERM');
      takeAway(place);
    },
  };
};
