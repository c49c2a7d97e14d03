import type { Metrics } from "./evaluation.ts";

interface MetricRow {
  /** How people call it. */
  readonly label: string;
  /** Its name among the evaluation's metrics, and on the run as `gate.<name>`. */
  readonly metric: keyof Metrics;
  /** Smaller is better. */
  readonly loss?: boolean;
  /** May be more than 1. */
  readonly unbounded?: boolean;
}

/** The metrics that a policy can name, by its key there. */
export const METRICS = {
  accuracy: { label: "accuracy", metric: "accuracy" },
  balancedAccuracy: { label: "balanced accuracy", metric: "balanced_accuracy" },
  precision: { label: "precision", metric: "precision" },
  recall: { label: "recall", metric: "recall" },
  f1: { label: "F1", metric: "f1" },
  rocAuc: { label: "ROC AUC", metric: "roc_auc" },
  prAuc: { label: "PR AUC", metric: "pr_auc" },
  logLoss: { label: "log loss", metric: "log_loss", loss: true, unbounded: true },
  brier: { label: "Brier score", metric: "brier", loss: true },
  calibrationError: { label: "expected calibration error", metric: "ece", loss: true },
} as const satisfies Record<string, MetricRow>;

export type MetricKey = keyof typeof METRICS;
export const metricKeys = Object.keys(METRICS) as MetricKey[];
export const metricRow = (key: MetricKey): MetricRow => METRICS[key];
