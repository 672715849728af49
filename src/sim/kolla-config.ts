import type { Files } from './archive.js';
import type { KollaContainer } from './kolla-shape.js';

const CONFIG_FILES = '/var/lib/kolla/config_files';

const copied = (name: string, entry: KollaContainer) => ({
  source: `${CONFIG_FILES}/${name}`,
  dest: `/etc/${entry.service}/${name}`,
  owner: entry.service,
  perm: '0600',
});

/**
 * A container's folder as kolla-ansible of a release renders it: file name to text. From 2025.2 on an API is started by
 * uWSGI, with a file of its own.
 */
export const kollaConfig = (entry: KollaContainer, release: string): Readonly<Record<string, string>> => {
  const conf = `${entry.service}.conf`;
  const uwsgi = release >= '2025.2' && entry.port !== undefined;
  const command = uwsgi ? `uwsgi /etc/${entry.service}/uwsgi.ini` : entry.image;
  return {
    'config.json': JSON.stringify(
      {
        command: `${command} --release ${release}`,
        config_files: [copied(conf, entry), ...(uwsgi ? [copied('uwsgi.ini', entry)] : [])],
      },
      null,
      2,
    ),
    [conf]: [
      '[DEFAULT]',
      `transport_url = rabbit://openstack:rabbit-PW-${release}-x9@192.0.2.9:5672//`,
      `workers = ${uwsgi ? 5 : 2}`,
      '[database]',
      `connection = mysql+pymysql://${entry.service}:db-PW-${release}-k3@192.0.2.9:3306/${entry.service}`,
      '',
    ].join('\n'),
    ...(uwsgi ? { 'uwsgi.ini': '[uwsgi]\nprocesses = 5\n' } : {}),
  };
};

/** Puts a release's files where kolla-ansible puts them, with its owner and mode. */
export const installKollaConfig = (files: Files, entry: KollaContainer, release: string): void => {
  const key = entry.name.replaceAll('_', '-');
  for (const [name, text] of Object.entries(kollaConfig(entry, release)))
    files.set(`/etc/kolla/${key}/${name}`, {
      mode: 0o660,
      uid: 42400,
      gid: 42400,
      content: Buffer.from(text),
    });
};

/** What an image of a release says at its start of another release's configuration, or of none. */
export const unfitFor =
  (release: string) =>
  (textOf: (path: string) => string | undefined): string | undefined => {
    const text = textOf(`${CONFIG_FILES}/config.json`);
    if (text === undefined) return `FileNotFoundError: ${CONFIG_FILES}/config.json`;
    const of = /--release (\S+)"/.exec(text)?.[1];
    return of === release
      ? undefined
      : `CRITICAL the configuration of ${of} does not fit the program of ${release}`;
  };
