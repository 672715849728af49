import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

export const FOLDER_PREFIX = 'stackswap-demo-';
/** Of demos without an engine, which have nothing but their folder. */
export const SIMULATED_PREFIX = 'stackswap-simulated-';
export const ID_LABEL = 'stackswap.demo';
export const FOLDER_LABEL = 'stackswap.demo.folder';

/** Everything that a demo makes bears its id: names, images, volumes, the folder. Clean-up looks for nothing else. */
export type Identity = {
  readonly id: string;
  /** In front of container and volume names. */
  readonly prefix: string;
  /** In front of image names. */
  readonly namespace: string;
  readonly folder: string;
  /** On images and volumes; containers inherit them from their image, as they do Kolla's. */
  readonly labels: Readonly<Record<string, string>>;
};

export const identityOf = (id: string, folder: string): Identity => ({
  id,
  prefix: `demo_${id}_`,
  namespace: `stackswap-demo-${id}`,
  folder,
  labels: { [ID_LABEL]: id, [FOLDER_LABEL]: folder },
});

/** Who made a folder: the process is known by its number and its start time, since numbers are given again. */
const record = z.object({
  id: z.string().regex(/^[0-9a-f]{4}$/),
  pid: z.number(),
  started: z.string(),
  host: z.string(),
  kept: z.boolean(),
});
export type OwnerRecord = z.infer<typeof record>;

const recordFile = (folder: string): string => join(folder, 'demo.json');

/** Field 22 of /proc/<pid>/stat: start time in clock ticks since boot (proc(5)); empty where there is no such process. */
const startOf = async (pid: number): Promise<string> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
};

const writeRecord = async (folder: string, id: string, kept: boolean): Promise<void> => {
  const own: OwnerRecord = {
    id,
    pid: process.pid,
    started: await startOf(process.pid),
    host: hostname(),
    kept,
  };
  await writeFile(`${recordFile(folder)}.new`, JSON.stringify(own), { mode: 0o600 });
  await rename(`${recordFile(folder)}.new`, recordFile(folder));
};

/** A new identity with its folder, which says who owns it before anything else is made. */
export const newIdentity = async (folderPrefix = FOLDER_PREFIX): Promise<Identity> => {
  const id = randomBytes(2).toString('hex');
  const identity = identityOf(id, join(tmpdir(), `${folderPrefix}${id}`));
  await mkdir(identity.folder, { mode: 0o700 });
  await writeRecord(identity.folder, id, false);
  return identity;
};

/** Says that the folder's demo is to stay when this process ends (DEMO_KEEP=1). */
export const keep = (identity: Identity): Promise<void> => writeRecord(identity.folder, identity.id, true);

export type Owner = 'alive' | 'dead' | 'kept' | 'unknown';

/** A folder without a record is one that is just being made, or whose maker died in that moment. */
const isFresh = async (folder: string): Promise<boolean> =>
  stat(folder).then(
    (found) => Date.now() - found.mtimeMs < 60_000,
    () => false,
  );

/** Whether the process that made the folder still runs; `unknown` where this machine cannot tell. */
export const ownerOf = async (folder: string): Promise<Owner> => {
  const text = await readFile(recordFile(folder), 'utf8').catch((error: NodeJS.ErrnoException) => error);
  if (text instanceof Error) {
    if (text.code !== 'ENOENT') return 'unknown';
    return (await isFresh(folder)) ? 'alive' : 'dead';
  }
  const parsed = record.safeParse(JSON.parse(text));
  if (!parsed.success || parsed.data.host !== hostname()) return 'unknown';
  if (parsed.data.kept) return 'kept';
  return parsed.data.started !== '' && (await startOf(parsed.data.pid)) === parsed.data.started
    ? 'alive'
    : 'dead';
};
