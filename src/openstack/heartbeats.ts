import { z } from 'zod';
import type { Heartbeats } from '../catalogue/readiness.js';
import type { Answered } from '../probes/report.js';
import { clean } from '../redact.js';
import type { AskRequest } from '../steps/context.js';
import { type Door, get, listIn, notOurs } from './reads.js';
import { badAnswer, noAnswer } from './words.js';

const rowSchema = z.looseObject({
  binary: z.string(),
  host: z.string(),
  state: z.string(),
  updated_at: z.string().nullish(),
});

/** One process as the service lists it; `updated_at` is the time of its last heartbeat by its own clock. */
type Row = z.infer<typeof rowSchema>;

/** The first heartbeat seen of each process in each round of questions. */
export type SeenBeats = Map<string, string>;

type Asking = {
  readonly door: Door;
  readonly heartbeats: Heartbeats;
  readonly request: AskRequest;
  readonly seen: SeenBeats;
};

export const whatOf = ({ binary, host }: Pick<Row, 'binary' | 'host'>): string =>
  clean(`${binary} on ${host} up`).replace(/\s+/g, ' ');

/** `ctl1.example@lvm-1` is the backend lvm-1 of `ctl1`. */
const shortHost = (host: string): string => (host.split('@')[0] ?? host).toLowerCase();
const sameHost = (a: string, b: string): boolean =>
  shortHost(a) === shortHost(b) || shortHost(a).split('.')[0] === shortHost(b).split('.')[0];

/**
 * The rows of the swapped container. Where several hosts report under one name (Kolla's `rbd:volumes`) none bears the
 * host's, and all of that binary stand for it.
 */
const ownRows = (rows: readonly Row[], { heartbeats, request }: Asking): readonly Row[] => {
  const binary = heartbeats.binaries[request.entry];
  const ofBinary = rows.filter((row) => row.binary === binary);
  const names = [request.host, ...(request.names ?? [])];
  const own = ofBinary.filter((row) => names.some((name) => sameHost(name, row.host)));
  return own.length > 0 ? own : ofBinary;
};

const isUp = ({ state }: Row): boolean => state === 'up';

/** As the service says it: good for a baseline, and for processes that were not touched. */
const stateOf = (row: Row): Answered => ({
  what: whatOf(row),
  verdict: isUp(row) ? 'well' : 'waiting',
  why: `${row.state}, last heartbeat ${row.updated_at ?? 'never'}`,
});

/**
 * A second, later heartbeat since the round began. Both are by the process's own clock, so nobody's clocks are compared;
 * the old process is dead by then, so that only the new one can have moved it.
 */
const beatOf = (row: Row, { request, seen }: Asking): Answered => {
  const what = whatOf(row);
  const now = row.updated_at ?? 'never';
  const key = [request.when, request.host, request.container, request.since, what].join('|');
  const first = seen.get(key);
  if (first === undefined) seen.set(key, now);
  if (first === undefined || first === now)
    return { what, verdict: 'waiting', why: `no new heartbeat so far (the last one: ${now})` };
  if (!isUp(row))
    return { what, verdict: 'waiting', why: `its heartbeat moves, and it is still said to be ${row.state}` };
  return {
    what,
    verdict: 'well',
    why: `its heartbeat moved from ${first} to ${now} by its own clock, under the new container; the service tells no version`,
  };
};

const judge = (rows: readonly Row[], asking: Asking): readonly Answered[] => {
  const { heartbeats, request } = asking;
  const isWorker = heartbeats.binaries[request.entry] !== undefined;
  const mine = isWorker ? ownRows(rows, asking) : rows;
  const moves = isWorker && (request.when === 'after' || request.when === 'end');
  return mine.map((row) => (moves ? beatOf(row, asking) : stateOf(row)));
};

/** Asks which of the service's processes live: for a worker its own, for an API all of them. */
export const askHeartbeats = async (asking: Asking): Promise<readonly Answered[]> => {
  const { door, heartbeats } = asking;
  const { what, list: key } = heartbeats;
  try {
    const answer = await get(door, heartbeats);
    if (answer.status !== 200) return [badAnswer(what, answer, [door.token.value])];
    const rows = z.array(rowSchema).safeParse(listIn(answer, key));
    if (!rows.success) return [notOurs(what, key)];
    return [{ what, verdict: 'well', why: `200 in ${answer.ms} ms` }, ...judge(rows.data, asking)];
  } catch (error) {
    return [noAnswer(what, error)];
  }
};
