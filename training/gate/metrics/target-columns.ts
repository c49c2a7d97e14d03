import type { FloatArray } from "../../../data/number-array.ts";
import { oncePer, type RegressionRows } from "./answered-rows.ts";
import { rowValues } from "./row-mean.ts";

/** Truth and predictions of one target, one per row. */
export interface TargetColumn {
  readonly rows: number;
  readonly truth: Float64Array;
  readonly predicted: FloatArray;
}

const splitByTarget = oncePer(({ rows, targets, ...data }: RegressionRows): readonly TargetColumn[] => {
  const width = targets.length;
  return targets.map((_, target) => {
    const column = (values: FloatArray) => rowValues(rows, (row) => values[row * width + target] as number);
    return { rows, truth: column(data.truth), predicted: column(data.predicted) };
  });
});

/** Returns the columns by target. Splits each object of rows only once. */
export const targetColumns = (rows: RegressionRows): readonly TargetColumn[] =>
  rows.targets.length === 1 ? [rows] : splitByTarget(rows);

/** Returns the columns of one target. @throws RangeError for an unknown target */
export function targetColumn(rows: RegressionRows, target: string): TargetColumn {
  const found = targetColumns(rows)[rows.targets.indexOf(target)];
  if (!found) throw new RangeError(`target "${target}" is unknown: the targets are ${rows.targets.join(", ")}`);
  return found;
}
