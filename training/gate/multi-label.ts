import { sizeOf } from "../../data/field.ts";
import type { ModelOutput } from "../../service/predictor/predictor.ts";

/** How to evaluate a model with several labels per row. */
export const MULTI_LABEL_HINT =
  "multi-label models are evaluated as a regression: leave out gate.task or set it to regression, name the column of each label in data.label, and bound performance.mae, the share of wrong labels";

/** Number of labels per row of a multi-label classifier; undefined for any other model. */
export function labelsPerRow(
  outputs: readonly Pick<ModelOutput, "role" | "datatype" | "inner">[] = [],
): number | undefined {
  const [first] = outputs;
  const count = first?.role === "values" && /^(?:BOOL|U?INT\d+)$/.test(first.datatype) ? sizeOf(first.inner) : 1;
  return count > 1 ? count : undefined;
}

/** Whether values of several targets are labels: only 0 and 1. */
export const areLabels = (values: ArrayLike<number | bigint>, targets: number): boolean =>
  targets > 1 &&
  values.length > 0 &&
  Array.prototype.every.call(values, (value) => Number(value) === 0 || Number(value) === 1);
