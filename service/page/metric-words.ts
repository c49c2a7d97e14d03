/** Parts of MLflow's metric names that are abbreviations. */
const ABBREVIATIONS = ["auc", "f1", "mcc", "pr", "r2", "roc"];

/** MLflow's name of a metric in words: `pr_auc` is `PR AUC`. */
export const metricName = (name: string): string =>
  name
    .split("_")
    .map((part) => (ABBREVIATIONS.includes(part) ? part.toUpperCase() : part))
    .join(" ");

/** Up to five significant digits, as in the gate's report; whole numbers as they are. */
export const metricValue = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)));
