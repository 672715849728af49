import { realClock } from '../probes/clock.js';

/** Milliseconds for which an answer of Slack about people and channels counts. */
export const FRESH_MS = 60_000;

/** Remembers answers by key for a minute from when they were asked for; what failed is asked again. */
export const cached = <T>(ask: (key: string) => Promise<T>, now: () => number = realClock.now) => {
  const answers = new Map<string, { readonly until: number; readonly answer: Promise<T> }>();
  return {
    get: (key: string): Promise<T> => {
      const known = answers.get(key);
      if (known && now() < known.until) return known.answer;
      const answer = ask(key);
      const entry = { until: now() + FRESH_MS, answer };
      answers.set(key, entry);
      answer.catch(() => {
        if (answers.get(key) === entry) answers.delete(key);
      });
      return answer;
    },
    forget: (): void => answers.clear(),
  };
};
