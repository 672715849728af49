import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type LocalEngine, localEngine } from '../../src/demo/cloud/local-engine.js';
import { localSlackMissing } from '../slack/local-slack.js';

/** Command and the Debian package that brings it. */
const NEEDED = [
  ['dockerd', 'docker.io'],
  ['containerd', 'containerd'],
  ['docker-registry', 'docker-registry'],
  ['mmdebstrap', 'mmdebstrap'],
  ['sshd', 'openssh-server'],
  ['ssh', 'openssh-client'],
  ['ssh-keygen', 'openssh-client'],
  ['curl', 'curl'],
  ['ip', 'iproute2'],
  ['gzip', 'gzip'],
] as const;
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

const isInstalled = (command: string): boolean =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** The engine of this machine, or all that keeps OpenStack from being brought up here, as one sentence. */
export const whatIsThere = async (): Promise<LocalEngine | { readonly missing: string }> => {
  const packages = [
    ...NEEDED.filter(([command]) => !isInstalled(command)).map(([, name]) => name),
    ...(existsSync(KEYRING) ? [] : ['debian-archive-keyring']),
  ];
  const engine = await localEngine();
  const slack = await localSlackMissing();
  const missing = [
    ...(process.getuid?.() === 0 ? [] : ['root']),
    ...(packages.length > 0 ? [`the Debian packages ${[...new Set(packages)].join(' ')}`] : []),
    ...('missing' in engine ? [`a container engine (${engine.missing})`] : []),
    ...(slack === undefined ? [] : [`local-slack (${slack})`]),
  ];
  if ('missing' in engine || missing.length > 0)
    return { missing: `a real OpenStack needs ${missing.join('; ')}` };
  return engine;
};
