import { GLASS_REASON } from '../app/approving.js';
import { Refusal } from '../errors.js';

/** What only the command line understands, apart from the words of the verb itself. */
export type Flags = {
  readonly words: readonly string[];
  readonly wait: boolean;
  readonly breakGlass?: string;
};

const GLASS = '--break-glass';

const glassReason = (words: readonly string[], at: number): string => {
  const word = words[at] ?? '';
  const reason = (word.startsWith(`${GLASS}=`) ? word.slice(GLASS.length + 1) : words[at + 1])?.trim() ?? '';
  if (reason.length >= GLASS_REASON && !reason.startsWith('--')) return reason;
  throw new Refusal(
    'bad-arguments',
    `${GLASS} needs a reason of at least ${GLASS_REASON} characters.`,
    `Example: stackswap upgrade cinder ${GLASS} "API down since 02:10, nobody else answers the phone"`,
  );
};

/** Takes `--no-wait` and `--break-glass "reason"` out of the words. */
export const takeFlags = (given: readonly string[]): Flags => {
  const words = given
    .map((word) => (word === '-h' || word === '--help' ? 'help' : word))
    .filter((word) => word !== '--no-wait');
  const wait = !given.includes('--no-wait');
  const at = words.findIndex((word) => word === GLASS || word.startsWith(`${GLASS}=`));
  if (at < 0) return { words, wait };
  const breakGlass = glassReason(words, at);
  if (words[0]?.toLowerCase() !== 'upgrade')
    throw new Refusal(
      'bad-arguments',
      `${GLASS} goes with upgrade only.`,
      'A request that waits already is started by its approvals, or cancel it and ask again with the flag.',
    );
  return { words: words.toSpliced(at, words[at] === GLASS ? 2 : 1), wait, breakGlass };
};
