/* Limits of conversations.* and of message metadata. Source: Slack's method reference and "Using message metadata". */

type Args = Readonly<Record<string, unknown>>;

/** One page of a history, as `limit`, `oldest` and `cursor` ask for it; a thread's root is on its first page. */
export const pageOf = (all: readonly { readonly ts: string }[], args: Args) => {
  const oldest = Number(args.oldest ?? 0);
  const wanted = all.filter(({ ts }) => Number(ts) > oldest || ts === args.ts);
  const from = Number(args.cursor ?? 0);
  const until = from + Math.min(999, Number(args.limit ?? 100));
  return {
    ok: true,
    messages: wanted.slice(from, until),
    response_metadata: { next_cursor: until < wanted.length ? String(until) : '' },
  };
};

const isFlat = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

/** What is wrong with a message's metadata; `undefined` where nothing is. */
export const metadataProblem = (metadata: unknown): string | undefined => {
  if (metadata === undefined) return undefined;
  const { event_type, event_payload } = metadata as { event_type?: unknown; event_payload?: unknown };
  if (typeof event_type !== 'string' || event_type === '') return 'it has no event_type';
  if (typeof event_payload !== 'object' || event_payload === null) return 'it has no event_payload';
  if (!Object.values(event_payload).every(isFlat)) return 'its payload is not flat';
  const size = JSON.stringify(metadata).length;
  return size > 8_000 ? `it has ${size} characters` : undefined;
};
