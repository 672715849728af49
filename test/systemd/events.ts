import type { RealDocker } from '../engine/real-docker.js';

/** What the engine says that happened to a container. */
export type Happened = {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `create`, `start`, `die`, `kill`, `rename`, `destroy`, … */
  readonly what: string;
  readonly id: string;
  /** At that moment; after a rename, the new one. */
  readonly name: string;
  readonly exitCode?: number;
};

type Message = {
  readonly Type: string;
  readonly Action: string;
  readonly timeNano: number;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
};

export type EventWatch = {
  /** All events of the container of that name and of those that a run named after it (`NAME__…`), oldest first. */
  of(name: string): readonly Happened[];
  /** Resolves once the predicate holds for the events of those containers; throws after the time. */
  until(
    name: string,
    holds: (events: readonly Happened[]) => boolean,
    timeoutMs: number,
  ): Promise<readonly Happened[]>;
  close(): void;
};

const happened = (message: Message): Happened => {
  const { name = '', exitCode } = message.Actor.Attributes;
  return {
    at: message.timeNano / 1_000_000,
    what: message.Action,
    id: message.Actor.ID,
    name,
    ...(exitCode === undefined ? {} : { exitCode: Number(exitCode) }),
  };
};

/** Follows the engine's events from now on, as `docker events` does. */
export const watchEvents = async ({ docker, prefix }: RealDocker): Promise<EventWatch> => {
  const stream = (await docker.getEvents({ filters: { type: ['container'] } })) as NodeJS.ReadableStream & {
    destroy(): void;
  };
  const seen: Happened[] = [];
  const waiting = new Set<() => void>();
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk.toString()}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter(Boolean)) {
      const event = happened(JSON.parse(line) as Message);
      if (event.name.startsWith(prefix) && !event.what.startsWith('exec_')) seen.push(event);
    }
    for (const look of waiting) look();
  });
  const of = (service: string) =>
    seen.filter(({ name }) => name === service || name.startsWith(`${service}__`));
  return {
    of,
    until: (service, holds, timeoutMs) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const events = of(service);
          if (!holds(events)) return;
          done();
          resolve(events);
        };
        const timer = setTimeout(() => {
          done();
          const said = of(service).map(({ what, name, exitCode }) => `${what} ${name} ${exitCode ?? ''}`);
          reject(new Error(`not within ${timeoutMs / 1000} s; so far: ${said.join(', ') || 'nothing'}`));
        }, timeoutMs);
        const done = (): void => {
          clearTimeout(timer);
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
    close: () => stream.destroy(),
  };
};

/** That the container of that name was started. */
export const untilStarted = async (events: EventWatch, name: string): Promise<void> => {
  await events.until(name, (all) => all.some(({ what }) => what === 'start'), 30_000);
};

/** Moments at which more than one of the containers ran at once; several generations of one service. */
export const runningTogether = (events: readonly Happened[]): readonly string[] => {
  const running = new Map<string, string>();
  return events.flatMap(({ what, id, name }) => {
    if (what === 'die') running.delete(id);
    if (what !== 'start') return [];
    running.set(id, name);
    return running.size > 1 ? [`${[...running.values()].join(' and ')} ran at once`] : [];
  });
};

/** Longest time in milliseconds between an end of a process and the next start of one. */
export const longestGap = (events: readonly Happened[]): number => {
  let ended: number | undefined;
  let longest = 0;
  for (const { what, at } of events) {
    if (what === 'die') ended = at;
    if (what === 'start' && ended !== undefined) longest = Math.max(longest, at - ended);
  }
  return longest;
};
