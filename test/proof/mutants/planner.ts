import type { Mutant } from './mutant.js';

const FINDINGS = 'src/plan/findings.ts';
const PLANS = 'test/plan/plan-upgrade.test.ts';

/** What a plan says stop to. */
export const PLANNER: readonly Mutant[] = [
  {
    name: 'a downgrade is a jump like any other',
    file: FINDINGS,
    find: '  if (bad.down)\n',
    replace: '  if (bad.down && Date.now() < 0)\n',
    why: 'the older version meets a schema that it does not know',
    test: PLANS,
    titled: 'a downgrade blocks',
  },
  {
    name: 'a jump over releases is only pointed out',
    file: FINDINGS,
    find: '  if (overrides.jump) return',
    replace: '  if (overrides.jump || Date.now() > 0) return',
    why: 'a migration that nobody ever tested',
    test: PLANS,
  },
  {
    name: 'what is unhealthy already is upgraded',
    file: 'src/plan/standing.ts',
    find: "    if (found.health === 'unhealthy')\n",
    replace: "    if (found.health === 'unhealthy' && Date.now() < 0)\n",
    why: 'an exchange of what was ill before cannot be judged',
    test: PLANS,
    titled: 'one that is unhealthy before',
  },
  {
    name: 'whoever joined a container’s namespace is left on a dead one',
    file: FINDINGS,
    find: '    ...found.joined.map(',
    replace: '    ...found.joined.slice(found.joined.length).map(',
    why: 'a sidecar of somebody else’s stands without a network, and nobody was told',
    test: PLANS,
    titled: 'joined the network',
  },
  {
    name: 'an image may come from anywhere',
    file: 'src/plan/registries.ts',
    find: 'ref === undefined || isAllowed(ref, allowed)',
    replace: 'ref === undefined || allowed.length > 0',
    why: 'whoever names a tag names the program that gets root',
    test: 'test/plan/registries.test.ts',
    titled: 'that is not allowed',
  },
];
