import type { RowStatistic } from "./metric.ts";

/**
 * Returns the weighted mean of a value per row. Caches the values on calls with weights, because resampling makes thousands of them.
 * A mean without weights allocates nothing.
 */
export function rowMean(rows: number, measure: (row: number) => number): RowStatistic {
  let values: Float64Array | undefined;
  return (weights) => {
    let sum = 0;
    if (!weights) {
      for (let row = 0; row < rows; row++) sum += measure(row);
      return sum / rows;
    }
    values ??= rowValues(rows, measure);
    let total = 0;
    for (let row = 0; row < rows; row++) {
      const weight = weights[row] as number;
      sum += weight * (values[row] as number);
      total += weight;
    }
    return sum / total;
  };
}

/** Computes a value per row. Float64Array.from would take many times longer. */
export function rowValues(rows: number, measure: (row: number) => number): Float64Array {
  const values = new Float64Array(rows);
  for (let row = 0; row < rows; row++) values[row] = measure(row);
  return values;
}
