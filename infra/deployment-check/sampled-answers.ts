import type { z } from "zod";
import type { GateReportSamples } from "../../registry/gate-report.ts";
import type { PredictAnswer } from "../../service/contract.ts";

/** A model's prediction for one row. */
export type SampledAnswer = GateReportSamples[number]["answer"];

/** Converts a response of `/predict` to the format of the gate's report, row by row. */
export function sampledAnswers({
  predictions,
  probabilities,
  scores: plainScores,
  classes,
}: z.infer<typeof PredictAnswer>): SampledAnswer[] {
  // Defaults to the last one, because a model may output only the probability of class 1.
  const positive = classes?.indexOf(1) ?? -1;
  return predictions.map((prediction, row) => {
    const scores = probabilities?.[row];
    if (Array.isArray(prediction)) return { values: flatten(prediction) };
    const answer = { label: prediction as string | number | boolean, positive: scores?.at(positive) ?? null };
    if (plainScores?.[row]) return { ...answer, scores: plainScores[row] };
    return scores && scores.length > 2 ? { ...answer, scores } : answer;
  });
}

const flatten = (value: unknown): number[] => (Array.isArray(value) ? value.flatMap(flatten) : [value as number]);
