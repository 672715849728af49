import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DemoContainer } from './shape.js';

export type Ports = { readonly bus: number; readonly apis: Readonly<Record<string, number>> };

/** Kolla names a container's configuration folder after the container, with dashes. */
export const configFolder = (folder: string, container: DemoContainer): string =>
  join(folder, 'etc', container.name.replaceAll('_', '-'));

const projectOf = (container: DemoContainer): string => container.service?.name ?? container.name;

const iniOf = (container: DemoContainer, ports: Ports): string => {
  const api = container.isApi
    ? [`bind_host = 127.0.0.1`, `bind_port = ${ports.apis[projectOf(container)]}`]
    : [];
  return ['[DEFAULT]', ...api, `rabbit_port = ${ports.bus}`, ''].join('\n');
};

const configJson = (container: DemoContainer): string => {
  const conf = `${projectOf(container)}.conf`;
  const dest = `/etc/${projectOf(container)}/${conf}`;
  const config = {
    command: `${container.program} --config-file ${dest}`,
    config_files: [{ source: `/var/lib/kolla/config_files/${conf}`, dest, owner: 'root', perm: '0600' }],
  };
  return `${JSON.stringify(config, null, 2)}\n`;
};

/** Writes what kolla-ansible would lay into /etc/kolla/<container>/ on a host. */
export const writeKollaConfig = async (
  folder: string,
  container: DemoContainer,
  ports: Ports,
): Promise<void> => {
  const own = configFolder(folder, container);
  await mkdir(own, { recursive: true });
  await writeFile(join(own, 'config.json'), configJson(container));
  await writeFile(join(own, `${projectOf(container)}.conf`), iniOf(container, ports));
};
