import { z } from 'zod';
import { codeOf } from '../store/disk.js';
import { type Verdict, verify } from '../store/verify.js';
import { errorText } from './spoken.js';

/** For scripts: 0 it verifies, 1 it does not, 2 it could not be checked. */
const EXIT = { good: 0, bad: 1, unknown: 2 } as const;

export const AUDIT_LINE =
  'audit verify [--head <hash>]: Checks the journal record by record; only on the command line.';

const USAGE = `Usage: stackswap audit verify [--head <hash>]...

Reads the journal in STACKSWAP_STATE from its first record, with or without a bot that runs, and changes nothing. It names
the first record that was edited, removed, moved or cut off: file, line, number and why.

--head <hash>  a head as a run's last message in Slack shows it ("Audit: record 123, 4f…"), whole or its first 12
               characters or more. Whoever may write the folder can build a chain anew that verifies; then the posted
               head is not in it. May be given several times.

Exit code: 0 the journal verifies, 1 it does not or a posted head is missing, 2 it could not be checked.`;

const headSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[0-9a-f]{12,64}$/);

/** The heads asked for, or why the words do not fit. */
const headsIn = (words: readonly string[]): readonly string[] | string => {
  const heads: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const value = word === '--head' ? words[++at] : word.startsWith('--head=') ? word.slice(7) : undefined;
    if (value === undefined)
      return word === '--head' ? '--head needs a hash.' : `"${word}" is not understood.`;
    const head = headSchema.safeParse(value);
    if (!head.success) return `"${value}" is not a head: 12 to 64 characters, 0-9 and a-f.`;
    heads.push(head.data);
  }
  return heads;
};

const textOf = (verdict: Verdict, folder: string): string => {
  if (!verdict.ok && verdict.missing !== undefined)
    return [
      `The journal in ${folder} is NOT the one that posted the head ${verdict.missing}.`,
      `Its ${verdict.seq - 1} records fit each other, but none has that hash: its end was cut off, or the chain was built anew.`,
      'Copy the whole folder away before anything else; then see docs/refusals.md, state-damaged.',
    ].join('\n');
  if (!verdict.ok)
    return [
      `The journal in ${folder} does NOT verify: ${verdict.file}, line ${verdict.line}, record ${verdict.seq}: ${verdict.why}.`,
      verdict.seq > 1 ? `Records 1 to ${verdict.seq - 1} verify.` : 'No record before it.',
      'Copy the whole folder away before anything else; then see docs/refusals.md, state-damaged.',
    ].join('\n');
  const { events, head, tornBytes, posted } = verdict;
  return [
    `The journal in ${folder} verifies: ${events} record${events === 1 ? '' : 's'}.`,
    `Head: record ${events}, ${head}`,
    ...posted.map(({ seq, hash }) => `Posted head ${hash}: is record ${seq}.`),
    ...(tornBytes > 0
      ? [
          `Behind it are ${tornBytes} bytes of a record that is being written or was cut off; they count for nothing.`,
        ]
      : []),
    ...(posted.length === 0
      ? [
          'A chain that was built anew verifies, too: compare with a head that a run posted, with --head <hash>.',
        ]
      : []),
  ].join('\n');
};

export type Audit = {
  /** Behind `audit`. */
  readonly words: readonly string[];
  readonly folder: string | undefined;
  readonly say: (text: string) => void;
};

/** `stackswap audit …` from its words to its exit code; throws nothing. */
export const runAudit = async ({ words, folder, say }: Audit): Promise<number> => {
  const [verb, ...rest] = words;
  const heads = headsIn(rest);
  if (verb !== 'verify' || typeof heads === 'string') {
    say(verb === 'verify' && typeof heads === 'string' ? `error: ${heads}\n${USAGE}` : USAGE);
    return verb === 'help' ? EXIT.good : EXIT.unknown;
  }
  if (!folder) {
    say('error: STACKSWAP_STATE is not set.\nSet it, or run this in the folder of the bot’s .env file.');
    return EXIT.unknown;
  }
  try {
    const verdict = await verify(folder, { posted: heads });
    say(textOf(verdict, folder));
    return verdict.ok ? EXIT.good : EXIT.bad;
  } catch (error) {
    const code = codeOf(error);
    say(
      code === 'ENOENT' || code === 'EACCES'
        ? `error: ${folder} cannot be read (${code}).\nRun this as the bot’s account, for example with sudo -u, and check STACKSWAP_STATE.`
        : errorText(error),
    );
    return EXIT.unknown;
  }
};
