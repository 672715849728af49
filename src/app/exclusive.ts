/**
 * One after the other: what is checked inside still holds when it is acted upon, so that two clicks at once are one
 * click and a refusal.
 */
export const exclusiveSection = () => {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
};

export type Exclusive = ReturnType<typeof exclusiveSection>;
