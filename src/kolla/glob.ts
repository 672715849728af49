/** Whether a name without slashes fits a glob of `*` and `?`; time grows with the product of their lengths at most. */
const fits = (glob: string, name: string): boolean => {
  let at = 0;
  let from = 0;
  let star = -1;
  for (let read = 0; read < name.length; ) {
    if (glob[at] === '*') {
      star = at;
      from = read;
      at += 1;
    } else if (at < glob.length && (glob[at] === '?' || glob[at] === name[read])) {
      at += 1;
      read += 1;
    } else if (star >= 0) {
      // The last star takes one letter more; what an earlier one took need not be tried again.
      from += 1;
      read = from;
      at = star + 1;
    } else return false;
  }
  return /^\**$/.test(glob.slice(at));
};

/**
 * Whether a glob names a file, or a folder that it lies in. Not made into a regular expression: a glob of many stars
 * would take that one for ever, and globs come from the hosts.
 */
export const globTakes = (glob: string, file: string): boolean => {
  const folders = file.split('/');
  return glob.split('/').every((part, at) => folders[at] !== undefined && fits(part, folders[at]));
};
