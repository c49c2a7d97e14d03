/** A model's prediction for one row, in the format of the gate's report. */
export type SampledAnswer =
  | { readonly values: readonly number[] }
  | {
      readonly label: string | number | boolean;
      readonly positive: number | null;
      readonly scores?: readonly number[] | undefined;
    };

/** Gate and service run the same predictor on the same files, but batching may round the last bit of a float32 differently. */
const TOLERANCE = 1e-6;

/** A number may differ by this share of the largest one among all rows. Measured for support vector machines: up to 1.6e-6. */
const OF_LARGEST = 3e-6;
/** Upper limit of the tolerance, as a share of the number's own size, or of 1 for smaller numbers. */
const MAX_TOLERANCE = 1e-3;

/**
 * Returns the largest absolute value of each number among the answers to several rows. Rounding of float32 depends on the terms that a model adds up,
 * which may be far larger than their sum: a one-class support vector machine with scores of up to 178 returned 6.3698 or 6.3699 for one row,
 * depending on the size of the batch.
 */
export function sizesOf(answers: readonly SampledAnswer[]): readonly number[] {
  const sizes: number[] = [];
  for (const answer of answers)
    for (const [place, value] of ("values" in answer ? answer.values : (answer.scores ?? [])).entries())
      sizes[place] = Math.max(sizes[place] ?? 0, Math.abs(value));
  return sizes;
}

/** Returns whether two predictions agree. A regressor's value may be given as a classifier's label. @param sizes see sizesOf */
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

/** Returns whether a predicted number differs from the expected one only by rounding. Integers beyond 2^53 arrive as text. @param size largest such number of all rows */
export function isNear(value: unknown, wanted: number, size = 0): boolean {
  const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
  const own = Math.max(1, Math.abs(wanted));
  // Probabilities are not larger than 1: they keep the tolerance.
  const tolerance = Math.max(TOLERANCE * own, size > 1 ? Math.min(OF_LARGEST * size, MAX_TOLERANCE * own) : 0);
  return typeof number === "number" && Math.abs(number - wanted) <= tolerance;
}
