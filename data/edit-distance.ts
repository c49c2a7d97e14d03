/** Counts the edits from one string to the other: changed, inserted or deleted characters, and swapped neighbors. */
export function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwap ? (before[j - 2] as number) + 1 : change;
      next.push(Math.min(change, swap, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] as number;
}

/**
 * Returns the known name with the fewest edits; undefined if no names are known. A name that starts with the given one, such as accuracy for acc,
 * counts as at most one edit.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const given = name.toLowerCase();
  const distances = known.map((other) => {
    const lower = other.toLowerCase();
    const edits = editDistance(given, lower);
    return { other, distance: lower.startsWith(given) ? Math.min(edits, 1) : edits };
  });
  return distances.sort((a, b) => a.distance - b.distance)[0]?.other;
}
