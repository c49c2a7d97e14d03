import type { LabelledNumbers } from "./labelled-numbers.ts";
import type { LogisticRegression } from "./logistic-regression.ts";

/**
 * Predicts from the fitted coefficients in float64, without the exported file. The gate's parity check compares these predictions with
 * those of the served file.
 */
export function ownPredictions(
  { coefficients, intercept }: Pick<LogisticRegression, "coefficients" | "intercept">,
  { features, rows, columns }: Pick<LabelledNumbers, "features" | "rows" | "columns">,
): { readonly labels: Int32Array; readonly positive: Float64Array } {
  const width = columns.length;
  const labels = new Int32Array(rows);
  const positive = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let score = intercept;
    for (let column = 0; column < width; column++)
      score += (features[row * width + column] as number) * (coefficients[column] as number);
    labels[row] = score > 0 ? 1 : 0;
    positive[row] = 1 / (1 + Math.exp(-score));
  }
  return { labels, positive };
}
