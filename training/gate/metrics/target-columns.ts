import type { FloatArray } from "../../../data/number-array.ts";
import { oncePer, type RegressionRows } from "./answered-rows.ts";
import { rowValues } from "./row-mean.ts";

/** Truth and predictions of one target, one per row. */
export interface TargetColumn {
  readonly rows: number;
  readonly truth: Float64Array;
  readonly predicted: FloatArray;
}

const takenApart = oncePer(({ rows, targets, ...data }: RegressionRows): readonly TargetColumn[] => {
  const width = targets.length;
  return targets.map((_, target) => {
    const column = (of: FloatArray) => rowValues(rows, (row) => of[row * width + target] as number);
    return { rows, truth: column(data.truth), predicted: column(data.predicted) };
  });
});

/** Columns by target; split once per object of rows. */
export const targetColumns = (rows: RegressionRows): readonly TargetColumn[] =>
  rows.targets.length === 1 ? [rows] : takenApart(rows);

/** @throws RangeError for an unknown target */
export function targetColumn(rows: RegressionRows, target: string): TargetColumn {
  const found = targetColumns(rows)[rows.targets.indexOf(target)];
  if (!found) throw new RangeError(`target "${target}" is unknown: the targets are ${rows.targets.join(", ")}`);
  return found;
}
