/** What the load does; each has its own rate. */
export const KINDS = ['issue a token', 'validate a token', 'list volumes'] as const;
export type Kind = (typeof KINDS)[number];

/** For a machine that is slow or busy: all rates are multiplied by it. */
const FACTOR = Number(process.env.STACKSWAP_OPENSTACK_LOAD ?? '1');

/** Requests per second, whether or not the ones before were answered. */
export const RATES: Readonly<Record<Kind, number>> = {
  'issue a token': 2 * FACTOR,
  'validate a token': 4 * FACTOR,
  'list volumes': 4 * FACTOR,
};

/** How the load is told what to ask for. */
export type Aim = {
  readonly keystone: readonly string[];
  readonly cinder: readonly string[];
  readonly login: object;
  readonly project: string;
  /** Issued before the load began; validated as well as those that the load itself gets. */
  readonly token: string;
  /** A volume that every list must hold. */
  readonly volume: string;
};

/** Milliseconds since the epoch; a failed request says why. */
export type Sample = {
  readonly at: number;
  readonly kind: Kind;
  readonly ms: number;
  readonly failure?: string;
};

export type Told = { readonly kind: 'begin'; readonly aim: Aim } | { readonly kind: 'take' };
export type Said = { readonly kind: 'samples'; readonly samples: readonly Sample[] };

export type Row = {
  readonly kind: Kind;
  readonly requests: number;
  readonly failed: number;
  /** Longest time between two good answers that followed each other, in milliseconds. */
  readonly longestGapMs: number;
  readonly slowestMs: number;
};

/** One phase's samples by kind; `lastGood` holds each kind's last good answer of the phases before, and is moved on. */
export const rowsOf = (samples: readonly Sample[], lastGood: Map<Kind, number>): readonly Row[] =>
  KINDS.map((kind) => {
    const own = samples.filter((sample) => sample.kind === kind);
    const good = own.filter(({ failure }) => failure === undefined);
    let last = lastGood.get(kind);
    let longestGapMs = 0;
    for (const { at } of [...good].sort((a, b) => a.at - b.at)) {
      longestGapMs = Math.max(longestGapMs, at - (last ?? at));
      last = at;
    }
    if (last !== undefined) lastGood.set(kind, last);
    return {
      kind,
      requests: own.length,
      failed: own.length - good.length,
      longestGapMs,
      slowestMs: Math.max(0, ...own.map(({ ms }) => ms)),
    };
  });
