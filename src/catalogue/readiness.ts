/** One cheap authenticated read whose answer holds a list. */
export type Read = {
  /** In words: `volumes listed`. */
  readonly what: string;
  /** Below the API's base; `{project}` stands for the id of the project that the token is for. */
  readonly path: string;
  /** Key of the list in the answer: a 200 without it is no answer of this service. */
  readonly list: string;
  /** Value of the header OpenStack-API-Version, where the API's oldest does not know the read. */
  readonly microversion?: string;
  /** The list must hold something. */
  readonly filled?: true;
  /** Asked after the swap of a worker, too, because its answer goes through the workers. */
  readonly workers?: true;
};

/**
 * The list in which the service tells which of its processes live. Their heartbeats are what `updated_at` shows: cinder
 * writes it every `report_interval` (10 s) and says `down` only after `service_down_time` (60 s), so "up" alone says
 * nothing of a process that was just swapped.
 */
export type Heartbeats = {
  readonly what: string;
  readonly path: string;
  readonly list: string;
  /** The service's word for the process in each container of the catalogue. */
  readonly binaries: Readonly<Record<string, string>>;
};

/** What a service is asked as a client would ask it, beyond its health check. */
export type Readiness = {
  /** Types under which keystone's catalogue may list it; the first that is there counts. */
  readonly types: readonly string[];
  /** It issues tokens and validates them. */
  readonly tokens?: true;
  readonly reads: readonly Read[];
  readonly heartbeats?: Heartbeats;
};
