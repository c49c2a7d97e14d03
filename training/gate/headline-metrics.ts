/** What each model is known by, whatever its policy asks for: accuracy of a classifier, error of a regressor. Names on the run. */
const NAMES = ["accuracy", "root_mean_squared_error", "r2"];

/** A separate file, since an update that judges nothing asks for it and does not load the metrics. */
export const headlineMetrics = (metrics: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).filter(([name]) => NAMES.includes(name)));
