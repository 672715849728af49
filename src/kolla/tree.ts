/** One file of a service's configuration folder (`/etc/kolla/<service>`); `path` is relative to that folder. */
export type ConfigFile = {
  readonly path: string;
  /** Permission bits, such as 0o660. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly content: Buffer;
};

/** A service's configuration folder, sorted by path. It holds secrets: never shown, logged or journaled as it is. */
export type ConfigTree = { readonly files: readonly ConfigFile[] };
