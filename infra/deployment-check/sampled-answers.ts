import type { z } from "zod";
import type { GateReportSamples } from "../../registry/gate-report.ts";
import type { PredictAnswer } from "../../service/contract.ts";

/** What a model answers to one row. */
export type SampledAnswer = GateReportSamples[number]["answer"];

/** Answers of `/predict`, row by row, as the gate's report has them. */
export function sampledAnswers({
  predictions,
  probabilities,
  scores: plain,
  classes,
}: z.infer<typeof PredictAnswer>): SampledAnswer[] {
  // The last one where there is nothing else to tell: a model may give the probability of class 1 alone.
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
