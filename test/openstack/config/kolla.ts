/** Files of one service's folder below /etc/kolla, by name. */
export type Folder = Readonly<Record<string, string>>;

type ConfigJson = {
  readonly service: string;
  readonly owner: string;
  readonly command: string;
  /** File below the folder, and its place in the container. */
  readonly files: Readonly<Record<string, string>>;
};

/** Kolla's contract for what a container copies at its start and what it runs. */
export const configJson = ({ service, owner, command, files }: ConfigJson): string =>
  `${JSON.stringify(
    {
      command,
      config_files: Object.entries(files).map(([file, dest]) => ({
        source: `/var/lib/kolla/config_files/${file}`,
        dest,
        owner,
        perm: '0600',
      })),
      permissions: [
        { path: `/var/log/kolla/${service.split('-')[0]}`, owner: `${owner}:kolla`, recurse: true },
      ],
    },
    null,
    4,
  )}\n`;

type Section = readonly [name: string, values: Readonly<Record<string, string | number | boolean>>];

const python = (value: string | number | boolean): string =>
  typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);

export const iniOf = (sections: readonly Section[]): string =>
  sections
    .map(([name, values]) =>
      [`[${name}]`, ...Object.entries(values).map(([key, value]) => `${key} = ${python(value)}`), ''].join(
        '\n',
      ),
    )
    .join('\n');

type Uwsgi = {
  readonly bind: string;
  readonly entry: Readonly<Record<string, string>>;
  readonly user?: string;
};

/**
 * Ends gracefully on SIGTERM: running requests are answered first. A connection serves one request: without that header
 * HAProxy keeps it for the next, and the client gets the reset of a worker that closed it.
 */
export const uwsgiIni = ({ bind, entry, user }: Uwsgi): string =>
  iniOf([
    [
      'uwsgi',
      {
        'http-socket': bind,
        plugins: 'python3',
        ...entry,
        master: 'true',
        processes: 1,
        threads: 4,
        'enable-threads': 'true',
        'lazy-apps': 'true',
        'need-app': 'true',
        'die-on-term': 'true',
        'hook-master-start': 'unix_signal:15 gracefully_kill_them_all',
        'worker-reload-mercy': 80,
        'skip-atexit-teardown': 'true',
        'no-orphans': 'true',
        'buffer-size': 65535,
        'http-auto-chunked': 'true',
        'http-chunked-input': 'true',
        'wsgi-manage-chunked-input': 'true',
        'add-header': 'Connection: close',
        ...(user ? { uid: user, gid: user } : {}),
      },
    ],
  ]);
