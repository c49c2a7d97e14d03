/** Computes the Levenshtein distance. */
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

const MAX_RESULTS = 3;

/** Returns the nearest known names, such as URNs or flags: at most three, and none that differs in more than a quarter of its letters. */
export function similarNames(known: readonly string[], wanted: string): string[] {
  const limit = Math.max(2, Math.floor(wanted.length / 4));
  return known
    .map((name) => ({ name, edits: distance(wanted.toLowerCase(), name.toLowerCase()) }))
    .filter(({ edits }) => edits <= limit)
    .sort((a, b) => a.edits - b.edits)
    .slice(0, MAX_RESULTS)
    .map(({ name }) => name);
}
