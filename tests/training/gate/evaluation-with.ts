import type { Evaluation } from "../../../training/gate/evaluation.ts";

/** An evaluation of one row with this accuracy. */
export const evaluationWith = (accuracy: number): Evaluation => ({
  ...{ rows: 1, labels: Int32Array.of(1), predicted: Int32Array.of(1), sumError: 0 },
  metrics: { accuracy, balanced_accuracy: accuracy, precision: 1, recall: 1, f1: 1 },
  confusion: { tn: 0, fp: 0, fn: 0, tp: 1 },
  samples: [{ features: [1], label: 1, positive: null }],
});
