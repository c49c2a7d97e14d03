/**
 * Row values whose mean a metric is derived from, for each target: its interval needs their variance.
 * - `mean`: the metric is the mean; `root`: its square root; `hit`: the mean of zeros and ones
 * - `ratio`: 1 - mean of `losses` / mean of `constant`, the losses of the best constant
 */
export interface RowLosses {
  readonly kind: "mean" | "root" | "hit" | "ratio";
  readonly losses: Float64Array;
  readonly constant?: Float64Array;
  /** Losses grow with the square of the error. */
  readonly squared?: true;
}
