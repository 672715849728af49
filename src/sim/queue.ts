type Waiting<T> = { readonly at: number; readonly item: T; readonly order: number };

/** What waits for its time; of two for the same time, the one that came first goes first. */
export type Queue<T> = {
  add(at: number, item: T): void;
  /** The next one, taken out. */
  take(): { readonly at: number; readonly item: T } | undefined;
  size(): number;
};

const before = <T>(a: Waiting<T>, b: Waiting<T>): boolean =>
  a.at < b.at || (a.at === b.at && a.order < b.order);

/** Kept in order by inserting from the end: nearly all sleepers are short, and few sleep at once. */
export const queueByTime = <T>(): Queue<T> => {
  /** Latest first. */
  const waiting: Waiting<T>[] = [];
  let count = 0;
  return {
    add: (at, item) => {
      const entry = { at, item, order: count };
      count += 1;
      let place = waiting.length;
      for (let other = waiting[place - 1]; other && before(other, entry); other = waiting[place - 1])
        place -= 1;
      waiting.splice(place, 0, entry);
    },
    take: () => waiting.pop(),
    size: () => waiting.length,
  };
};
