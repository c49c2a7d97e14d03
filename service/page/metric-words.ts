/** Abbreviations in MLflow's metric names. */
const ABBREVIATIONS = ["auc", "f1", "mcc", "pr", "r2", "roc"];

/** Formats MLflow's name of a metric: `pr_auc` becomes `PR AUC`. */
export const metricName = (name: string): string =>
  name
    .split("_")
    .map((part) => (ABBREVIATIONS.includes(part) ? part.toUpperCase() : part))
    .join(" ");

/** Up to five significant digits, as in the gate's report; integers as they are. */
export const metricValue = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)));
