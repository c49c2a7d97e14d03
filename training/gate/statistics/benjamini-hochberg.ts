/** p-values adjusted after Benjamini and Hochberg: rejecting those below a level keeps the false discovery rate at that level. */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => (pValues[b] as number) - (pValues[a] as number));
  const adjusted = new Array<number>(pValues.length);
  let smallest = 1;
  for (const [place, index] of order.entries()) {
    smallest = Math.min(smallest, ((pValues[index] as number) * pValues.length) / (pValues.length - place));
    adjusted[index] = smallest;
  }
  return adjusted;
}
