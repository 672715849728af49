import type { RollbackClass } from '../catalogue/service.js';
import { canonical, sha256 } from '../engine/canonical.js';

/** A container as it was seen when the plan was made; identities are what an approval binds to. */
export type SeenContainer = {
  readonly host: string;
  /** Full name on the host, prefix included. */
  readonly name: string;
  /** Name in the catalogue. */
  readonly entry: string;
  readonly id: string;
  readonly imageRef: string;
  /** Local image id (`sha256:…`). */
  readonly imageId: string;
  /** For people: RepoDigest where the image came from a registry, else the image id. */
  readonly identity: string;
  /** SHA-256 of the canonical configuration; the configuration itself holds secrets and is not in a plan. */
  readonly configHash: string;
  readonly restartPolicy: { readonly Name: string; readonly MaximumRetryCount: number };
};

export type Target = {
  readonly ref: string;
  /** Manifest digest where a registry named one. */
  readonly digest?: string;
  /** Local image id where the image is on the host already and is not to be pulled. */
  readonly imageId?: string;
};

/**
 * Who stops and starts a container's process. `unit`: Stackswap, through the systemd unit; `rename-first`: a unit that
 * cannot be reached, which starts whatever bears the name.
 */
export type Owner = {
  readonly kind: 'unit' | 'rename-first';
  readonly unit: string;
  /** Seconds of grace that the unit itself gives a stop, where it is known. */
  readonly stopSeconds?: number;
};

/** The target release's configuration of one container; the files themselves hold secrets and are not in a plan. */
export type ConfigChange = {
  /** Folder with the rendered files on the bot's machine. */
  readonly rendered: string;
  /** Folder on the host: the source of the container's bind. */
  readonly folder: string;
  /** Where that bind is seen inside the container, Kolla's /var/lib/kolla/config_files. */
  readonly destination: string;
  /** SHA-256 over names, modes and contents of what is to be installed. */
  readonly hash: string;
  /** The same over what the host has now. */
  readonly presentHash: string;
};

/** One HAProxy container and the servers in it that stand for the API of one host. */
export type Balancer = {
  readonly host: string;
  readonly container: string;
  readonly socket: string;
  /** `backend/server`; the internal backend and the external one. */
  readonly servers: readonly string[];
};

export type Drain = { readonly balancers: readonly Balancer[]; readonly graceSeconds: number };

export type SwapStep = {
  readonly kind: 'swap';
  readonly old: SeenContainer;
  readonly target: Target;
  readonly graceSeconds: number;
  /** The API's health address as reachable from this program, for API containers; `null` where none is configured. */
  readonly probeUrl: string | null;
  readonly expect: readonly number[];
  /** Absent: the engine alone owns the process. */
  readonly owner?: Owner;
  readonly config?: ConfigChange;
  /** Absent: no load balancer is told, because there is none or it takes no orders. */
  readonly drain?: Drain;
};

export type PullStep = { readonly kind: 'pull'; readonly host: string; readonly target: Target };

export type MigrateStep = {
  readonly kind: 'migrate';
  readonly host: string;
  /** Container whose network, volumes and environment the one-off container takes. */
  readonly like: SeenContainer;
  readonly target: Target;
  readonly name: string;
  readonly phase: 'expand' | 'migrate' | 'online' | 'contract';
  readonly env: readonly string[];
  readonly runs: string;
  /** Command that prints the schema revision, run in the API container. */
  readonly revision: readonly string[];
  /** Whether a moved revision takes the old version's right to run (class D). */
  readonly oneWay: boolean;
  /** Its own copy of the target configuration; the host's folder is not touched. */
  readonly config?: ConfigChange;
};

/** Restarts an upgraded container so that it drops the old release's RPC pin; `index` is that swap's place in `steps`. */
export type RestartStep = {
  readonly kind: 'restart';
  readonly host: string;
  readonly name: string;
  readonly index: number;
  readonly graceSeconds: number;
  readonly probeUrl: string | null;
  readonly expect: readonly number[];
  readonly owner?: Owner;
  readonly drain?: Drain;
};

export type SettleStep = { readonly kind: 'settle'; readonly seconds: number; readonly why: string };

/** Removes the kept old container of the swap at `index` in `steps`. */
export type RetireStep = {
  readonly kind: 'retire';
  readonly host: string;
  readonly name: string;
  readonly index: number;
};

export type Step = PullStep | MigrateStep | SwapStep | RestartStep | SettleStep | RetireStep;

export type Finding = {
  readonly code: string;
  readonly level: 'block' | 'warn';
  readonly text: string;
  readonly wayOut?: string;
};

export type Overrides = {
  /** Why a jump that OpenStack does not support is made all the same. */
  readonly jump?: string;
  /** The operator's word that a database backup was taken, and where it lies. */
  readonly backup?: string;
};

/** What the target configuration changes for one container, made safe to show. */
export type ConfigDiff = {
  readonly host: string;
  readonly container: string;
  readonly files: readonly {
    readonly path: string;
    readonly change: 'added' | 'changed' | 'stays, unused' | 'stays, used';
    /** Lines with `+` and `-`; no secret's value is in them. */
    readonly lines: readonly string[];
  }[];
};

/** What is run, approved and shown: one plain JSON object. Its id is given by the caller, never derived. */
export type Plan = {
  readonly version: 1;
  readonly service: string;
  readonly from: { readonly release: string | null; readonly tags: readonly string[] };
  readonly to: { readonly release: string | null; readonly tag: string };
  readonly crossesRelease: boolean;
  readonly steps: readonly Step[];
  /** Run by Finalize, the point of no return. */
  readonly finalize: readonly Step[];
  readonly rollbackClass: RollbackClass;
  readonly hazards: readonly string[];
  readonly findings: readonly Finding[];
  readonly overrides: Overrides;
  /** Milliseconds of measured API downtime in earlier runs of this service, newest first. */
  readonly earlierDowntimeMs: readonly number[];
  readonly configDiffs?: readonly ConfigDiff[];
  /** What the services themselves are asked after each swap and at the end, in words; absent without clouds.yaml. */
  readonly asks?: readonly string[];
};

/**
 * What approvals bind to: the steps with every container id, image identity and configuration hash, the overrides.
 * Not the rest of the cloud (an upgrade of another service must not make this plan stale), nor warnings and history.
 */
export const fingerprintOf = (plan: Plan): string =>
  sha256(
    canonical([
      plan.version,
      plan.service,
      plan.to,
      plan.steps.map(boundOf),
      plan.finalize.map(boundOf),
      plan.overrides,
    ]),
  );

/**
 * What of a container may not change: its image is bound by its id. The names that registries have for it come and go
 * with a pull (an image in containerd that loses its tag loses them all), so they are for people only.
 */
export const boundSeen = ({ identity: _shown, ...bound }: SeenContainer): object => bound;

const boundOf = (step: Step): object => {
  if (step.kind === 'swap') return { ...step, old: boundSeen(step.old) };
  return step.kind === 'migrate' ? { ...step, like: boundSeen(step.like) } : step;
};
