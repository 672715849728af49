import { access, constants, readdir } from 'node:fs/promises';
import { messageOf } from '../../errors.js';
import { releaseSaid } from '../../kolla/folder.js';
import { type Check, type HostCheck, know, mend, verb, well } from './check.js';
import { kollaShaped } from './kolla-containers.js';

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

const notThere = (folder: string): Check =>
  know('target-config', {
    what: `The folder of the target release’s configuration for this host is not there: ${folder}.`,
    why: 'A plan that crosses a release is refused without it.',
    wayOut:
      'Before you cross one: `kolla-ansible genconfig` of the target release, with its files copied there; or give target_config.command.',
  });

const unreadable = (folder: string, error: unknown): Check =>
  mend('target-config', {
    what: `The folder of the target release’s configuration cannot be read: ${messageOf(error)}.`,
    why: 'A plan that crosses a release is refused without it.',
    wayOut: `Let the bot’s account read ${folder} and what is below it.`,
  });

const lookInto = async (folder: string): Promise<Check> => {
  await access(folder, constants.R_OK | constants.X_OK);
  const services = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const release = await releaseSaid(folder);
  const of = release === undefined ? 'which release it is for, it does not say' : `for ${release}`;
  return services.length > 0
    ? well(
        'target-config',
        `Configuration of a target release is there for ${services.length} ${verb(services, 'service', 'services')}, ${of}.`,
      )
    : notThere(folder);
};

/** The host's folder on this machine. With `{release}` in it, it is known only when a release is asked for. */
export const targetConfig: HostCheck = async (seen) => {
  const { host, workshop } = seen;
  const { target_config: settings } = workshop.config;
  if (!settings || kollaShaped(seen).length === 0) return [];
  const folder = settings.folder.replaceAll('{host}', host.name);
  if (folder.includes('{release}') || settings.command)
    return [
      well(
        'target-config',
        'The target release’s configuration is looked for when a plan crosses a release.',
      ),
    ];
  try {
    return [await lookInto(folder)];
  } catch (error) {
    return [isAbsent(error) ? notThere(folder) : unreadable(folder, error)];
  }
};
