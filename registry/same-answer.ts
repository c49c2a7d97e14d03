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

/** A regressor's number stands where a classifier's label does. */
export function isSameAnswer(answer: SampledAnswer | undefined, wanted: SampledAnswer): boolean {
  if (answer === undefined) return false;
  if ("values" in wanted) {
    const values = "values" in answer ? answer.values : [answer.label];
    return (
      values.length === wanted.values.length && wanted.values.every((value, place) => isNear(values[place], value))
    );
  }
  if ("values" in answer || answer.label !== wanted.label) return false;
  const { scores } = wanted;
  if (scores)
    return (
      answer.scores?.length === scores.length && scores.every((score, place) => isNear(answer.scores?.[place], score))
    );
  if (wanted.positive === null || answer.positive === null) return wanted.positive === answer.positive;
  return isNear(answer.positive, wanted.positive);
}

/** Whether two numbers of an answer differ by rounding alone. A whole number beyond 2^53 is answered as text. */
export function isNear(value: unknown, wanted: number): boolean {
  const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Math.abs(number - wanted) <= TOLERANCE * Math.max(1, Math.abs(wanted));
}
