/** What a model answered to a row, as the gate's report holds it. */
export type SampledAnswer =
  | { readonly values: readonly number[] }
  | {
      readonly label: string | number | boolean;
      readonly positive: number | null;
      readonly scores?: readonly number[] | undefined;
    };

/** Gate and service run the same predictor on the same files; a batch may round the last bit of a float32 otherwise. */
const TOLERANCE = 1e-6;

/** Share of the largest number of all rows by which a number may differ: support vector machines differed by up to 1.6e-6 of it in measurements. */
const OF_LARGEST = 3e-6;
/** Share of its own size, and of 1, that a number's tolerance never exceeds. */
const MOST = 1e-3;

/**
 * Largest size of each number among the answers to several rows. A float32 is rounded relative to the terms that a model adds up, which may be far larger
 * than their sum: a one-class support vector machine with scores of up to 178 returns 6.3698 or 6.3699 for one row, depending on the size of the batch.
 */
export function sizesOf(answers: readonly SampledAnswer[]): readonly number[] {
  const sizes: number[] = [];
  for (const answer of answers)
    for (const [place, value] of ("values" in answer ? answer.values : (answer.scores ?? [])).entries())
      sizes[place] = Math.max(sizes[place] ?? 0, Math.abs(value));
  return sizes;
}

/** @param sizes of the numbers in the answers to all rows; see sizesOf. A regressor's number stands where a classifier's label does. */
export function isSameAnswer(
  answer: SampledAnswer | undefined,
  wanted: SampledAnswer,
  sizes: readonly number[] = [],
): boolean {
  if (answer === undefined) return false;
  if ("values" in wanted) {
    const values = "values" in answer ? answer.values : [answer.label];
    return (
      values.length === wanted.values.length &&
      wanted.values.every((value, place) => isNear(values[place], value, sizes[place]))
    );
  }
  if ("values" in answer || answer.label !== wanted.label) return false;
  const { scores } = wanted;
  if (scores)
    return (
      answer.scores?.length === scores.length &&
      scores.every((score, place) => isNear(answer.scores?.[place], score, sizes[place]))
    );
  if (wanted.positive === null || answer.positive === null) return wanted.positive === answer.positive;
  return isNear(answer.positive, wanted.positive);
}

/** Whether two numbers of an answer differ by rounding alone. A whole number beyond 2^53 is answered as text. @param size largest such number of all rows */
export function isNear(value: unknown, wanted: number, size = 0): boolean {
  const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
  const own = Math.max(1, Math.abs(wanted));
  // Probabilities are not larger than 1: they keep the tolerance.
  const tolerance = Math.max(TOLERANCE * own, size > 1 ? Math.min(OF_LARGEST * size, MOST * own) : 0);
  return typeof number === "number" && Math.abs(number - wanted) <= tolerance;
}
