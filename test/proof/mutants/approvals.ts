import type { Mutant } from './mutant.js';

const AUTHORITY = 'src/authority/authority.ts';

/** Who decides, and upon what. */
export const APPROVALS: readonly Mutant[] = [
  {
    name: 'the requester counts',
    file: AUTHORITY,
    find: 'if (!counts && actor.id === run.requestedBy.id)',
    replace: 'if (Date.now() < 0)',
    why: 'one person alone upgrades the cloud',
    test: 'test/authority/authority.test.ts',
  },
  {
    name: 'one person counts twice',
    file: AUTHORITY,
    find: 'if (already.some((other) => other.id === actor.id))',
    replace: 'if (Date.now() < 0)',
    why: 'two clicks are a quorum',
    test: 'test/authority/authority.test.ts',
  },
  {
    name: 'one approval less is enough',
    file: 'src/run/reduce.ts',
    find: 'countedApprovals(folded).length >= folded.quorum',
    replace: 'countedApprovals(folded).length + 1 >= folded.quorum',
    why: 'the quorum is what the policy says',
    test: 'test/authority/authority.test.ts',
  },
  {
    name: 'a request never expires',
    file: 'src/app/desk.ts',
    find: "run.phase === 'proposed' && Date.parse(run.expiresAt) <= clock.now()",
    replace: 'Date.now() < 0',
    why: 'a forgotten request is approved weeks later',
    test: 'test/authority/authority.test.ts',
  },
  {
    name: 'an approval is of whatever the plan is',
    file: 'src/app/desk.ts',
    find: 'if (fingerprint !== undefined && !run.fingerprint.startsWith(fingerprint))',
    replace: 'if (Date.now() < 0)',
    why: 'what was approved is not what was read',
    test: 'test/authority/authority.test.ts',
  },
  {
    name: 'the plan is not made again at the start',
    file: 'src/app/starting.ts',
    find: 'fingerprintOf(plan) === run.fingerprint ? {} : { why: whatMoved(run.plan, plan) }',
    replace: 'fingerprintOf(plan) === "" ? { why: whatMoved(run.plan, plan) } : {}',
    why: 'what is there now is not what was approved',
    test: 'test/authority/starting.test.ts',
  },
  {
    name: 'the fingerprint leaves the steps out',
    file: 'src/plan/plan.ts',
    find: '      plan.steps.map(boundOf),\n',
    replace: '',
    why: 'other containers and images pass for the approved ones',
    test: 'test/plan/fingerprint.test.ts',
  },
  {
    name: 'what is rolled back can be rolled back',
    file: 'src/run/phase.ts',
    find: "  rollback: ['running', 'paused', 'interrupted', 'upgraded', 'finalize-failed', 'stuck'],",
    replace:
      "  rollback: ['running', 'paused', 'interrupted', 'upgraded', 'finalize-failed', 'stuck', 'rolled-back'],",
    why: 'a roll back of a roll back has nothing to go back to',
    test: 'test/authority/specification.test.ts',
  },
  {
    name: 'two decisions are taken at once',
    file: 'src/app/exclusive.ts',
    find: 'const next = last.then(work, work);',
    replace: 'const next = work();',
    why: 'what was checked does not hold any more when it is acted upon',
    test: 'test/authority/authority.test.ts',
  },
  {
    name: 'who may only look decides',
    file: 'src/app/guard.ts',
    find: "  review: 'review',\n  reject: 'reject',\n  cancel: 'cancel',\n  rollback: 'rollback',",
    replace: "  review: 'look',\n  reject: 'look',\n  cancel: 'look',\n  rollback: 'look',",
    why: 'a viewer goes back behind the backs of those who decide',
    test: 'test/authority/policy.test.ts',
    titled: 'through the guard',
  },
  {
    name: 'who may only ask approves',
    file: 'src/app/guard.ts',
    find: "  approve: 'approve',",
    replace: "  approve: 'upgrade',",
    why: 'two operators upgrade the cloud without an approver',
    test: 'test/authority/policy.test.ts',
    titled: 'through the guard',
  },
];
