import type { RealDocker } from '../engine/real-docker.js';

const MIGRATION = "! env | grep -q '^KOLLA_\\(BOOTSTRAP\\|OSM\\)=' || exit 0";

/**
 * As process 1 it has to catch SIGTERM itself. PORT: it answers there; EXIT_SECONDS: how long it takes to end;
 * EXIT_CODE: how. With a variable of Kolla's migrations it is a migration that has nothing to do.
 */
const PROGRAM = [
  MIGRATION,
  '[ -z "$PORT" ] || httpd -p "127.0.0.1:$PORT" -h /www',
  "trap 'sleep $EXIT_SECONDS; exit $EXIT_CODE' TERM",
  'while :; do sleep 600 & wait $!; done',
].join('\n');

/** A release that migrates well and whose programs end at once. */
const DEAD = [MIGRATION, 'echo no such option', 'exit 3'].join('\n');

const FILES = (tag: string): string =>
  [
    'mkdir /www',
    `echo ${tag} >/www/healthcheck`,
    "printf '#!/bin/sh\\necho 1\\n' >/bin/cinder-manage",
    'chmod 755 /bin/cinder-manage',
  ].join(' && ');

const IMAGES = ['cinder-api', 'cinder-scheduler', 'placement-api'] as const;

/** Builds of all the services that these tests run, under one tag; only the tag tells them apart. */
export const buildRelease = async (
  real: RealDocker,
  tag: string,
  how: 'lives' | 'dies' = 'lives',
): Promise<void> => {
  const [first, ...others] = IMAGES;
  const ref = await real.image(`${first}:${tag}`, [
    'ENV EXIT_SECONDS=0 EXIT_CODE=0 PORT=',
    `RUN ${JSON.stringify(['sh', '-c', FILES(tag)])}`,
    `CMD ${JSON.stringify(['sh', '-c', how === 'lives' ? PROGRAM : DEAD])}`,
  ]);
  for (const other of others) await real.docker.getImage(ref).tag({ repo: `${real.prefix}/${other}`, tag });
};

export type ServiceShape = {
  readonly name: string;
  readonly image: string;
  /** `EXIT_SECONDS`, `EXIT_CODE`, `PORT`. */
  readonly env?: Readonly<Record<string, number>>;
};

/** As kolla-ansible creates one: no restart policy, the environment that its module sets; not started. */
export const createService = async (
  real: RealDocker,
  { name, image, env = {} }: ServiceShape,
): Promise<string> => {
  const own = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  const { id } = await real.docker.createContainer({
    name,
    Image: `${real.prefix}/${image}`,
    Env: ['KOLLA_CONFIG_STRATEGY=COPY_ALWAYS', 'KOLLA_SERVICE_NAME=test', ...own],
    HostConfig: { NetworkMode: 'host' },
  });
  return id;
};
