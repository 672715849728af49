import type { Mutant } from './mutant.js';

/** The journal, and what people click. */
export const KEEPING: readonly Mutant[] = [
  {
    name: 'an event is acknowledged before it is on the disk',
    file: 'src/store/tape.ts',
    find: '    try {\n      await file.datasync();\n    } catch',
    replace: '    try {\n      await file.stat();\n    } catch',
    why: 'a power cut takes what people and the run rely on',
    test: 'test/store/suite.test.ts',
  },
  {
    name: 'a record need not follow the one before it',
    file: 'src/store/chain.ts',
    find: 'if (record.prev !== head.hash)',
    replace: 'if (Date.now() < 0)',
    why: 'an edited journal verifies',
    test: 'test/store/damage.test.ts',
  },
  {
    name: 'a record need not fit its own hash',
    file: 'src/store/seal.ts',
    find: 'if (hash === undefined || hash !== actual) return undefined;',
    replace: 'if (hash === undefined || actual === "") return undefined;',
    why: 'a flipped bit passes',
    test: 'test/store/damage.test.ts',
  },
  {
    name: 'a torn end is not cut away',
    file: 'src/store/store.ts',
    find: '    if (torn) await file.truncate(bytes);\n',
    replace: '',
    why: 'the next event is written behind half a record, and the journal is damaged',
    test: 'test/store/suite.test.ts',
  },
  {
    name: 'a held state folder is taken',
    file: 'src/store/lock.ts',
    find: "  if (status === 1) return 'held';",
    replace: "  if (status === 1) return 'ours';",
    why: 'two bots write one journal and swap one container',
    test: 'test/store/process.test.ts',
  },
  {
    name: 'what comes twice is done twice',
    file: 'src/slack/once.ts',
    find: '    if (until !== undefined && until > now()) return false;\n',
    replace: '',
    why: 'Slack repeats what it is not sure of',
    test: 'test/slack/clicks.test.ts',
    titled: 'replayed',
  },
  {
    name: 'a button acts after its run has moved on',
    file: 'src/app/desk.ts',
    find: "if (typeof ref === 'string' || ref.turn === run.turn) return;",
    replace: 'if (Date.now() > 0) return;',
    why: 'a late click decides what nobody asked any more',
    test: 'test/slack/clicks.test.ts',
    titled: 'delivers a click',
  },
];
