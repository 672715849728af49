import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kollaConfig } from '../../src/sim/kolla-config.js';
import type { KollaContainer } from '../../src/sim/kolla-shape.js';
import type { KollaScene } from '../sim/kolla.js';
import { cinderCloud, type KollaOptions, withoutPorts } from './scene.js';

export type Configured = {
  readonly scene: KollaScene;
  /** Of the bot's machine: `<release>/<host>/<key>/…` below it. */
  readonly rendered: string;
};

const folders: string[] = [];

/** For `afterAll`. */
export const removeRendered = (): void => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
};

const render = (folder: string, entry: KollaContainer, release: string): void => {
  const place = join(folder, entry.name.replaceAll('_', '-'));
  mkdirSync(place, { recursive: true });
  for (const [name, text] of Object.entries(kollaConfig(entry, release)))
    writeFileSync(join(place, name), text, { mode: 0o640 });
};

/** Renders every container of a release for every host, as genconfig does. */
export const renderAll = ({ hosts, containers }: KollaScene, folder: string, release = '2025.2'): void => {
  for (const host of hosts)
    for (const entry of containers) render(join(folder, release, host.name), entry, release);
};

/** A cloud whose containers copy their configuration at every start, and the target's, rendered on this machine. */
export const configuredCloud = async (
  options: KollaOptions & { readonly config?: object; readonly folder?: string } = {},
): Promise<Configured> => {
  const { folder, ...shape } = options;
  const rendered = mkdtempSync(join(tmpdir(), 'stackswap-rendered-'));
  folders.push(rendered);
  const made = withoutPorts(
    await cinderCloud({
      services: ['cinder'],
      configs: true,
      ...shape,
      config: {
        health: { interval: '1ms', successes: 1, minimum: '0ms', deadline: '50ms' },
        target_config: { folder: join(rendered, folder ?? '{release}/{host}') },
        ...options.config,
      },
    }),
  );
  renderAll(made, rendered);
  const hosts = made.config.hosts.map((host) => ({ ...host, config_fits: [] }));
  return { scene: { ...made, config: { ...made.config, hosts } }, rendered };
};

/** Every file of a host, with owner and mode, as one text each. */
export const filesOn = ({ cloud }: KollaScene, host = 'node1'): Record<string, string> =>
  Object.fromEntries(
    [...cloud.host(host).files].map(([path, { mode, uid, gid, content }]) => [
      path,
      `${mode.toString(8)} ${uid}:${gid} ${content.toString('utf8')}`,
    ]),
  );
