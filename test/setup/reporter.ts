import type { Reporter, TestCase, TestModule } from 'vitest/node';

const nameOf = (test: TestCase): string => `${test.module.relativeModuleId} > ${test.fullName}`;

const reasonOf = (test: TestCase): string => {
  const result = test.result();
  return (result.state === 'skipped' ? result.note : undefined) ?? 'skipped without a reason';
};

const firstLine = (test: TestCase): string => test.result().errors?.[0]?.message.split('\n')[0] ?? '';

/** Reasons in the order in which they were met, each with the tests that were left out for it. */
const byReason = (skipped: readonly TestCase[]): Map<string, string[]> => {
  const reasons = new Map<string, string[]>();
  for (const test of skipped)
    reasons.set(reasonOf(test), [...(reasons.get(reasonOf(test)) ?? []), nameOf(test)]);
  return reasons;
};

const countOf = (tests: readonly TestCase[], state: string): number =>
  tests.filter((test) => test.result().state === state).length;

/** Files that failed before their tests could be counted, for example on an import, and groups whose hook failed. */
const broken = (modules: readonly TestModule[]): number =>
  modules
    .flatMap((module) => [module, ...module.children.allSuites()])
    .filter((one) => one.errors().length > 0).length;

/** Files that have a command of their own. */
type Apart = readonly { readonly files: string; readonly why: string }[];

/** At the end: what passed only at a second try, what was left out and why, and `N passed, N failed, N skipped`. */
export const leftOutReporter = (
  apart: Apart = [],
  print: (line: string) => void = console.log,
): Reporter => ({
  onTestRunEnd(modules, unhandled) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const skipped = tests.filter((test) => test.result().state === 'skipped');
    for (const [reason, names] of byReason(skipped)) {
      print(`left out: ${reason}`);
      for (const name of names) print(`  ${name}`);
    }
    for (const test of tests.filter((one) => one.diagnostic()?.flaky))
      print(`passed only at a second try: ${nameOf(test)}: ${firstLine(test)}`);
    for (const { files, why } of apart) print(`not in this command: ${files} (${why})`);
    if (skipped.length === 0) print('nothing was left out');
    const failed = countOf(tests, 'failed') + broken(modules) + unhandled.length;
    print(`${countOf(tests, 'passed')} passed, ${failed} failed, ${skipped.length} skipped`);
  },
});
