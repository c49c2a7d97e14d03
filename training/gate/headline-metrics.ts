/** A model's main metrics, whatever its policy: accuracy of a classifier, errors of a regressor. Names on the MLflow run. */
const NAMES = ["accuracy", "root_mean_squared_error", "r2"];
/** For a model that ranks rows without labelling them. */
const RANKINGS = ["roc_auc", "pr_auc"];

/** In its own file, since updates that run no gate need it but should not load the metrics. */
export function headlineMetrics(metrics: Readonly<Record<string, number>>): Record<string, number> {
  const names = NAMES.some((name) => name in metrics) ? NAMES : RANKINGS;
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => names.includes(name)));
}
