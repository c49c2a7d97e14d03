import type { z } from "zod";
import type { GateReportSamples } from "../../registry/gate-report.ts";
import type { PredictAnswer } from "../../service/contract.ts";

/** A model's answer for one row. */
export type SampledAnswer = GateReportSamples[number]["answer"];

/** Converts answers of `/predict` to those of the gate's report, row by row. */
export function sampledAnswers({
  predictions,
  probabilities,
  scores: plain,
  classes,
}: z.infer<typeof PredictAnswer>): SampledAnswer[] {
  // The last one by default, because a model may output only the probability of class 1.
  const place = classes?.indexOf(1) ?? -1;
  return predictions.map((prediction, row) => {
    const scores = probabilities?.[row];
    if (Array.isArray(prediction)) return { values: flatten(prediction) };
    const answer = { label: prediction as string | number | boolean, positive: scores?.at(place) ?? null };
    if (plain?.[row]) return { ...answer, scores: plain[row] };
    return scores && scores.length > 2 ? { ...answer, scores } : answer;
  });
}

const flatten = (value: unknown): number[] => (Array.isArray(value) ? value.flatMap(flatten) : [value as number]);
