import type { RealDocker } from '../../engine/real-docker.js';

/** A small keystone: an API that says its release and what lies in its volumes, and a migration that counts itself. */
const START = `#!/bin/sh
if [ "\${KOLLA_UPGRADE+set}" = set ]; then
  mkdir /data/migrating || exit 9
  echo "$RELEASE" >> /data/migrations
  rmdir /data/migrating
  exit 0
fi
stop() { sleep "\${STOP_AFTER:-0}"; kill "$server"; exit 0; }
trap stop TERM
mkdir -p /www
say "$RELEASE" > /www/healthcheck
touch /data/migrations
ln -sf /data/migrations /www/migrations
httpd -f -p "\${LISTEN:-127.0.0.1:}$PORT" -h /www &
server=$!
wait "$server"
`;

/** What the API answers: its release, then the line in each of the places that hold data. */
const SAY = `#!/bin/sh
echo "$1" $(for place in $PLACES; do cat "$place/line"; done)
`;

const MANAGE = `#!/bin/sh
echo "9c74c1c6971f"
`;

const executable = (path: string, text: string): string =>
  `echo ${Buffer.from(text).toString('base64')} | base64 -d > ${path} && chmod 755 ${path}`;

export const TAGS = { old: '2025.1-matrix', new: '2025.2-matrix' } as const;
export const RELEASES = { old: '2025.1', new: '2025.2' } as const;
export type Version = keyof typeof TAGS;

/** What each image gives a container that does not say otherwise. */
export const DEFAULTS = {
  old: { env: [`RELEASE=${RELEASES.old}`, 'GONE=1'], labels: { build: '1' } },
  new: { env: [`RELEASE=${RELEASES.new}`, 'FRESH=1'], labels: { build: '2' } },
} as const;

/** Two releases of one application, built without a download; the newer one has other defaults. */
export const buildImages = async (real: RealDocker): Promise<void> => {
  const tool = [
    executable('/bin/kolla_start', START),
    executable('/bin/say', SAY),
    executable('/bin/keystone-manage', MANAGE),
  ].join(' && ');
  for (const version of ['old', 'new'] as const) {
    const { env, labels } = DEFAULTS[version];
    await real.image(`keystone:${TAGS[version]}`, [
      `RUN ${tool}`,
      'VOLUME /anon',
      'CMD ["/bin/kolla_start"]',
      `ENV ${env.join(' ')}`,
      ...Object.entries(labels).map(([name, value]) => `LABEL ${name}=${value}`),
    ]);
  }
};
