/** Levenshtein's distance: how many letters to insert, drop or change. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_cell, at) => at);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (let at = 1; at <= b.length; at += 1)
      next.push(
        Math.min(
          (next[at - 1] ?? 0) + 1,
          (row[at] ?? 0) + 1,
          (row[at - 1] ?? 0) + (letter === b[at - 1] ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[b.length] ?? 0;
};

/** The word that was probably meant, or `undefined` where none is near. */
export const nearest = (typed: string, known: readonly string[]): string | undefined => {
  const word = typed.slice(0, 40);
  const ranked = known
    .map((name) => ({ name, away: name.startsWith(word) && word !== '' ? 0 : distance(word, name) }))
    .sort((a, b) => a.away - b.away);
  const [best] = ranked;
  return best && best.away <= Math.max(1, Math.floor(Math.max(best.name.length, word.length) / 2))
    ? best.name
    : undefined;
};
