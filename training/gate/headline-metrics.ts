/** What each model is known by, whatever its policy asks for: accuracy of a classifier, error of a regressor. Names on the run. */
const NAMES = ["accuracy", "root_mean_squared_error", "r2"];
/** Of a model that ranks rows and labels none. */
const RANKINGS = ["roc_auc", "pr_auc"];

/** A separate file, since an update that judges nothing asks for it and does not load the metrics. */
export function headlineMetrics(metrics: Readonly<Record<string, number>>): Record<string, number> {
  const names = NAMES.some((name) => name in metrics) ? NAMES : RANKINGS;
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => names.includes(name)));
}
