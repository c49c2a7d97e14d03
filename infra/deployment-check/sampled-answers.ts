import type { z } from "zod";
import type { GateReportSamples } from "../../registry/gate-report.ts";
import type { PredictAnswer } from "../../service/contract.ts";

/** What a model answers to one row. */
export type SampledAnswer = GateReportSamples[number]["answer"];

/** Gate and service run the same predictor on the same files; a batch may round the last bit of a float32 otherwise. */
const TOLERANCE = 1e-6;

/** Answers of `/predict`, row by row, as the gate's report has them. */
export function sampledAnswers({
  predictions,
  probabilities,
  classes,
}: z.infer<typeof PredictAnswer>): SampledAnswer[] {
  // The last one where there is nothing else to tell: a model may give the probability of class 1 alone.
  const place = classes?.indexOf(1) ?? -1;
  return predictions.map((prediction, row) => {
    const scores = probabilities?.[row];
    if (Array.isArray(prediction)) return { values: flatten(prediction) };
    const answer = { label: prediction as string | number | boolean, positive: scores?.at(place) ?? null };
    return scores && scores.length > 2 ? { ...answer, scores } : answer;
  });
}

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

const flatten = (value: unknown): number[] => (Array.isArray(value) ? value.flatMap(flatten) : [value as number]);

/** A whole number beyond 2^53 is answered as text. */
function isNear(value: unknown, wanted: number): boolean {
  const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Math.abs(number - wanted) <= TOLERANCE * Math.max(1, Math.abs(wanted));
}
