import { describe, TestRunner, test } from 'vitest';

/** With STACKSWAP_TEST_REQUIRE=1 nothing may be left out: what is missing fails. */
const everythingIsRequired = (): boolean => process.env.STACKSWAP_TEST_REQUIRE === '1';

/**
 * Inside a test: ends it as skipped, with the reason that the end of the run prints. The reason names what this
 * machine lacks, as in `no container engine answers at /var/run/docker.sock`.
 */
export const leaveOut = (reason: string): void => {
  if (everythingIsRequired()) throw new Error(`left out, though everything is required: ${reason}`);
  const current = TestRunner.getCurrentTest();
  if (!current) throw new Error(`leaveOut must be called inside a test (${reason})`);
  current.context.skip(reason);
};

/**
 * `describe` for tests that need something of the machine: with `missing` undefined the body runs; else one test
 * stands for all of them, left out for that reason, and no hook of the body runs.
 */
export const describeUnless = (missing: string | undefined, name: string, body: () => void): void => {
  if (missing === undefined) {
    describe(name, body);
    return;
  }
  describe(name, () => {
    test('is left out on this machine', () => leaveOut(missing));
  });
};
