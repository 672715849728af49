import type { Readiness } from './readiness.js';

/** How safe going back is; the letters are those of docs/going-back.md. */
export type RollbackClass = 'A' | 'B' | 'C' | 'D' | 'E';

export const ROLLBACK_CLASSES: Record<RollbackClass, string> = {
  A: 'no database schema: the old version may run again at any time',
  B: 'the schema only grows: the old version may run until the online data migrations',
  C: 'expand and contract: the old version may run until the contract step',
  D: 'one-shot schema change: once the schema revision has moved, the old version needs the database restored',
  E: 'stateful engine: going back is not supported',
};

export type Role = 'api' | 'scheduler' | 'conductor' | 'worker' | 'agent' | 'proxy' | 'infra';

export type CatalogueContainer = {
  /** Kolla's container name, without the installation's prefix. */
  readonly name: string;
  /** Kolla's image name; most often the name with dashes. */
  readonly image: string;
  readonly role: Role;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly graceSeconds: number;
  /** Where it is there, it answers at the API's address and port: with it stopped the API is away. */
  readonly frontsApi?: true;
};

/**
 * One database step, run as a one-off container from the new image. `env` holds the variables whose presence makes
 * Kolla's `kolla_extend_start` act (kolla docker/<service>/extend_start.sh).
 */
export type Migration = {
  readonly phase: 'expand' | 'migrate' | 'online' | 'contract';
  /** Name of the one-off container, after kolla-ansible's. */
  readonly name: string;
  readonly env: readonly string[];
  /** What it runs, in the service's own words. */
  readonly runs: string;
  /** `before`: ahead of the first swap, old containers still serving. `finalize`: when all run the new version. */
  readonly when: 'before' | 'finalize';
};

export type Service = {
  readonly name: string;
  /** In swap order: workers first, API last, unless the project documents another. */
  readonly containers: readonly CatalogueContainer[];
  readonly api: {
    readonly container: string;
    readonly port: number;
    readonly path: string;
    readonly expect: readonly number[];
  };
  readonly migrations: readonly Migration[];
  /** Prints the database's schema revision; run in the API container. */
  readonly revision: readonly string[];
  /** Containers that are restarted at Finalize so that they drop the old release's RPC version pin. */
  readonly unpin: readonly string[];
  /** Seconds to let service versions reach the database before the unpin restarts. */
  readonly settleSeconds: number;
  readonly rollback: RollbackClass;
  /** What an operator should know beforehand, printed in the plan. */
  readonly hazards: readonly string[];
  /** Services that must already be at the new release when this one moves. */
  readonly needs: readonly string[];
  /** What it is asked where there is a clouds.yaml; absent: its readiness is judged by health alone. */
  readonly ready?: Readiness;
};
