import { posix } from 'node:path';
import { Refusal } from '../errors.js';
import { type DiskCall, type DiskCalls, type DiskFate, diskCalls } from './disk-calls.js';
import type { Content } from './disk-content.js';
import { type DiskNames, diskError, diskNames } from './disk-names.js';

export type SimDiskOptions = {
  /** A number in [0, 1); the only source of chance. */
  readonly random: () => number;
  readonly fate?: (call: DiskCall) => DiskFate;
  /** Bytes that all files together may have. */
  readonly room?: number;
};

type Hardware = { readonly names: DiskNames; readonly random: () => number; readonly left: () => number };

const fileFor = (path: string, content: Content, { call }: DiskCalls, { random, left }: Hardware) => {
  const append = (bytes: Buffer): void => {
    const fits = Math.max(0, Math.min(bytes.length, left()));
    content.append(bytes.subarray(0, fits));
    if (fits < bytes.length) throw diskError('ENOSPC', 'append', path);
  };
  const sync = () =>
    call('sync', path, {
      act: content.sync,
      amid: (failed) => (failed ? content.syncFails(random) : undefined),
    });
  return {
    appendFile: (given: string | Buffer) => {
      const bytes = Buffer.from(given as string);
      const part = () =>
        content.append(bytes.subarray(0, Math.min(Math.floor(random() * bytes.length), Math.max(0, left()))));
      return call('append', path, { act: () => append(bytes), amid: part });
    },
    datasync: sync,
    sync,
    truncate: (length: number) => call('truncate', path, { act: () => content.truncate(length) }),
    stat: () => call('read', path, { act: () => ({ size: content.size() }) }),
    close: () => call('read', path, { act: () => undefined }),
  };
};

const diskFor = (calls: DiskCalls, hardware: Hardware) => {
  const { names } = hardware;
  const clean = (path: string) => posix.normalize(path).replace(/(?!^)\/$/, '');
  const act = <T>(what: DiskCall['what'], given: string, does: (path: string) => T): Promise<T> => {
    const path = clean(given);
    return calls.call(what, path, { act: () => does(path) });
  };
  const readFile = (given: string) => act('read', given, (path) => names.fileAt(path, 'read').read());
  return {
    open: (given: string, flags: 'a' | 'ax' | 'w' | 'r+', mode = 0o666) =>
      act('open', given, (path) => {
        const old = names.get(path);
        if (flags === 'ax' && old) throw diskError('EEXIST', 'open', path);
        const content = old || flags === 'r+' ? names.fileAt(path, 'open') : names.makeFile(path, mode);
        if (old && flags === 'w') content.truncate(0);
        return fileFor(path, content, calls, hardware);
      }),
    readFile,
    lines: async function* (path: string) {
      for (const line of (await readFile(path)).toString('utf8').split('\n')) if (line !== '') yield line;
    },
    readdir: (folder: string) => act('read', folder, names.list),
    rename: (from: string, to: string) => act('rename', from, (path) => names.rename(path, clean(to))),
    rm: (given: string) => act('rm', given, names.remove),
    mkdir: (folder: string, mode: number) => act('mkdir', folder, (path) => names.makeFolder(path, mode)),
    mode: (given: string) => act('read', given, (path) => names.found(path, 'read').mode),
    chmod: (given: string, mode: number) =>
      act('chmod', given, (path) => {
        names.found(path, 'chmod').mode = mode;
      }),
    syncFolder: (folder: string) => act('sync-folder', folder, names.syncFolder),
  };
};

/**
 * A computer with a disk in memory and the semantics of a power cut: what was not synced is lost or torn, a name whose
 * folder was not synced may be lost, and files lose independently of each other. `start` gives the store of one process
 * its `disk` and `lock`.
 */
export const simDisk = ({
  random,
  fate = () => undefined,
  room = Number.POSITIVE_INFINITY,
}: SimDiskOptions) => {
  const names = diskNames();
  let limit = room;
  let number = 0;
  let running: DiskCalls | undefined;
  let holder: DiskCalls | undefined;
  const hardware: Hardware = { names, random, left: () => limit - names.used() };
  const next = (call: Omit<DiskCall, 'number'>): DiskFate => {
    number += 1;
    return fate({ ...call, number });
  };

  const lockFor =
    (self: DiskCalls) =>
    async ({ folder }: { readonly folder: string }) => {
      const path = posix.join(folder, 'LOCK');
      if (holder?.alive())
        throw new Refusal(
          'state-locked',
          `The state folder ${folder} is held by another process.`,
          'Stop it first.',
        );
      holder = self;
      const file = names.get(path)?.content ?? names.makeFile(path, 0o600);
      const written = file.read().toString('latin1');
      return {
        used: written !== '',
        epoch: Number(written.split(' ')[1] ?? 0),
        mark: (epoch: number) => {
          file.truncate(0);
          file.append(Buffer.from(`1 ${epoch}`));
        },
        lost: () => (holder === self ? undefined : 'another process took LOCK'),
        release: async () => {
          if (holder === self) holder = undefined;
        },
      };
    };

  const kill = (): void => {
    running?.die();
    running = undefined;
  };

  return {
    /** A process begins on this computer; `died` resolves when fate or `kill` ended it. */
    start: () => {
      const self = diskCalls(next, (code, { what, path }) => diskError(code, what, path));
      running = self;
      return { disk: diskFor(self, hardware), lock: lockFor(self), died: self.died };
    },
    /** SIGKILL of the process that began last: what it wrote is seen by the next one, synced or not. */
    kill,
    cutPower: (): void => {
      kill();
      names.cutPower(random);
    },
    /** Somebody removes LOCK by hand while its process lives. */
    breakLock: (): void => {
      holder = undefined;
    },
    setRoom: (bytes: number): void => {
      limit = bytes;
    },
    used: names.used,
    /** For tests that damage a file. */
    edit: (path: string, change: (bytes: Buffer) => Buffer): void => {
      const content = names.fileAt(path, 'edit');
      const bytes = change(content.read());
      content.truncate(0);
      content.append(bytes);
      content.sync();
    },
    calls: () => number,
  };
};

export type SimDisk = ReturnType<typeof simDisk>;
