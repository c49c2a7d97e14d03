/** A table of numbers. */
export interface NumberTable {
  readonly columns: readonly string[];
  /** Row-major, rows x columns.length. */
  readonly features: Float64Array;
  readonly rows: number;
}

/** Returns the values of one column, row by row. */
export function columnOf({ features, columns, rows }: NumberTable, column: number): Float64Array {
  const values = new Float64Array(rows);
  for (let row = 0; row < rows; row++) values[row] = features[row * columns.length + column] as number;
  return values;
}
