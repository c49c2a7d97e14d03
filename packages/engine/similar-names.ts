/** How many letters have to be changed, added or left out to get from one text to the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}

const MOST = 3;

/** The nearest of the known names, such as URNs or flags, at most three; none that differs in more than a quarter of its letters. */
export function similarNames(known: readonly string[], wanted: string): string[] {
  const limit = Math.max(2, Math.floor(wanted.length / 4));
  return known
    .map((name) => ({ name, away: distance(wanted.toLowerCase(), name.toLowerCase()) }))
    .filter(({ away }) => away <= limit)
    .sort((a, b) => a.away - b.away)
    .slice(0, MOST)
    .map(({ name }) => name);
}
