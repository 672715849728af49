import { afterAll, beforeAll } from 'vitest';

/** What nobody waited for and failed, while the tests of a file ran. */
export const unhandledRejections = (): readonly unknown[] => {
  const seen: unknown[] = [];
  const note = (reason: unknown): void => void seen.push(reason);
  beforeAll(() => void process.on('unhandledRejection', note));
  afterAll(() => void process.off('unhandledRejection', note));
  return seen;
};
