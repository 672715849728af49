import { isPlain, isPlainName, isSecretName } from './plain.js';
import { secretsOf } from './secrets.js';
import { type Setting, settingsOf } from './settings.js';
import { type ConfigFile, type ConfigTree, fileAt } from './tree.js';

const MASK = '[redacted]';

/** One file of a comparison, made safe to show: no secret's value is in its lines. */
export type FileDifference = {
  readonly path: string;
  readonly change: 'added' | 'changed' | 'stays, unused' | 'stays, used';
  readonly lines: readonly string[];
};

const lineOf = ({ name, value }: Setting): string => `${name} = ${value}`;

/** Those of `some` that `others` has not, each as often as it is more often there. */
const without = (some: readonly Setting[], others: readonly Setting[]): Setting[] => {
  const left = new Map<string, number>();
  for (const other of others) left.set(lineOf(other), (left.get(lineOf(other)) ?? 0) + 1);
  return some.filter((one) => {
    const more = left.get(lineOf(one)) ?? 0;
    left.set(lineOf(one), more - 1);
    return more <= 0;
  });
};

type IsSafe = (setting: Setting) => boolean;

const safely =
  (secrets: readonly string[]): IsSafe =>
  ({ keys, name, value }) =>
    !isSecretName(keys) && isPlain(value) && !secrets.some((secret) => `${name} = ${value}`.includes(secret));

/** Where one side of a change is secret, both are: an old default next to a new password would say what it is for. */
const changeLines = (removed: readonly Setting[], added: readonly Setting[], isSafe: IsSafe): string[] => {
  const names = [...new Set([...removed, ...added].map(({ name }) => name))];
  return names.flatMap((name) => {
    const [before, after] = [removed, added].map((some) => some.filter((one) => one.name === name));
    if (!before || !after) return [];
    if ([...before, ...after].every(isSafe))
      return [...before.map((one) => `- ${lineOf(one)}`), ...after.map((one) => `+ ${lineOf(one)}`)];
    if (before.length > 0 && after.length > 0) return [`~ ${name} = ${MASK}, changed`];
    return [`${before.length > 0 ? '-' : '+'} ${name} = ${MASK}`];
  });
};

const named = (settings: readonly Setting[] | undefined): readonly Setting[] | undefined =>
  settings?.every(({ name }) => isPlainName(name)) ? settings : undefined;

const bytes = (file: ConfigFile): string => `${file.content.length} bytes`;

const fileLines = (before: ConfigFile | undefined, after: ConfigFile, isSafe: IsSafe): readonly string[] => {
  const [old, now] = [before ? named(settingsOf(before)) : [], named(settingsOf(after))];
  if (!old || !now) return [before ? `changed, ${bytes(before)} → ${bytes(after)}` : `new, ${bytes(after)}`];
  const lines = changeLines(without(old, now), without(now, old), isSafe);
  if (lines.length > 0) return lines;
  return [before ? 'only comments, blanks or the order of its lines changed' : `new, ${bytes(after)}`];
};

/**
 * What installing `rendered` over `present` changes, without any secret's value. `isUsed` says whether the new
 * configuration takes a file that only the host has: nothing can delete it.
 */
export const differencesOf = (
  { present, rendered }: { readonly present: ConfigTree; readonly rendered: ConfigTree },
  isUsed: (path: string) => boolean,
): readonly FileDifference[] => {
  const isSafe = safely([...secretsOf(present), ...secretsOf(rendered)]);
  const changes = rendered.files.flatMap((after): FileDifference[] => {
    const before = fileAt(present, after.path);
    if (before?.content.equals(after.content)) return [];
    return [
      { path: after.path, change: before ? 'changed' : 'added', lines: fileLines(before, after, isSafe) },
    ];
  });
  const staying = present.files
    .filter(({ path }) => !fileAt(rendered, path))
    .map(
      ({ path }): FileDifference => ({
        path,
        change: isUsed(path) ? 'stays, used' : 'stays, unused',
        lines: [],
      }),
    );
  return [...changes, ...staying];
};
