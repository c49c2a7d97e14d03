import * as checks from "../../../training/gate/checks/slices.ts";
import type { EvaluationDetails } from "../../../training/gate/evaluation.ts";
import { measureSlices } from "../../../training/gate/measure-slices.ts";
import type { BinaryRows } from "../../../training/gate/metrics/answered-rows.ts";

export type BinaryEvaluation = BinaryRows & EvaluationDetails;

/** An evaluation of one row with this accuracy, for a model without probabilities. */
export const evaluationWith = (accuracy: number): BinaryEvaluation => ({
  task: "binary",
  rows: 1,
  classes: [0, 1],
  labels: Int32Array.of(1),
  predicted: Int32Array.of(1),
  epsilon: 2 ** -52,
  sumError: 0,
  without: "the model returns no probabilities",
  metrics: { accuracy, balanced_accuracy: accuracy, precision: 1, recall: 1, f1: 1 },
  samples: [{ features: [1], label: 1, positive: null }],
});

/** Measures the groups and judges the slices. */
export function judgeSlices(...[evaluation, snapshot, policy, reference]: Parameters<typeof measureSlices>) {
  return checks.judgeSlices(evaluation, measureSlices(evaluation, snapshot, policy, reference), policy);
}
