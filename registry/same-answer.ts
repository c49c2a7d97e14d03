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

/** Returns whether two predictions agree. A regressor's value may be given as a classifier's label. */
export function isSameAnswer(answer: SampledAnswer | undefined, wanted: SampledAnswer): boolean {
  if (answer === undefined) return false;
  if ("values" in wanted) {
    const values = "values" in answer ? answer.values : [answer.label];
    return (
      values.length === wanted.values.length && wanted.values.every((value, index) => isNear(values[index], value))
    );
  }
  if ("values" in answer || answer.label !== wanted.label) return false;
  const { scores } = wanted;
  if (scores)
    return (
      answer.scores?.length === scores.length && scores.every((score, index) => isNear(answer.scores?.[index], score))
    );
  if (wanted.positive === null || answer.positive === null) return wanted.positive === answer.positive;
  return isNear(answer.positive, wanted.positive);
}

/** Returns whether a predicted number differs from the expected one only by rounding. Integers beyond 2^53 arrive as text. */
export function isNear(value: unknown, wanted: number): boolean {
  const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Math.abs(number - wanted) <= TOLERANCE * Math.max(1, Math.abs(wanted));
}
