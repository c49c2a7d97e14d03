import type { ClassName } from "../../../data/prediction.ts";
import type { AnsweredRows, BinaryRows, MulticlassRows } from "./answered-rows.ts";
import { targetColumns } from "./target-columns.ts";

/**
 * What the truth must contain for a metric to be meaningful:
 * - `two`: rows of two classes; `every`: rows of each class
 * - `positive`, `negative`: rows of that class, for two classes
 * - `varied`: targets that are not constant
 *
 * Otherwise a library may still return a value, such as a recall of 0 without positive rows, or a precision of 1 if all rows are positive.
 */
export type TruthNeed = "two" | "every" | "positive" | "negative" | "varied";

/**
 * Explains what the truth lacks; undefined if it has what is needed.
 * @param weights rows of weight 0 are ignored
 */
export function truthGap(need: TruthNeed, rows: AnsweredRows, weights?: ArrayLike<number>): string | undefined {
  if (rows.task === "regression") return constantTarget(rows, weights);
  const present = presentClasses(rows, weights);
  if (need === "positive" || need === "negative") {
    const code = need === "positive" ? 1 : 0;
    return present.has(code) ? undefined : noRowsOf([rows.classes[code] as ClassName]);
  }
  if (need === "every" && present.size > 1) {
    const missing = rows.classes.filter((_, code) => !present.has(code));
    return missing.length > 0 ? noRowsOf(missing) : undefined;
  }
  return present.size < 2 ? "the snapshot has rows of one class only" : undefined;
}

const MAX_LISTED = 3;

function noRowsOf(classes: readonly ClassName[]): string {
  const more = classes.length > MAX_LISTED ? ` and ${classes.length - MAX_LISTED} others` : "";
  return `the snapshot has no rows of class ${classes.slice(0, MAX_LISTED).join(", ")}${more}`;
}

function presentClasses({ rows, labels }: BinaryRows | MulticlassRows, weights?: ArrayLike<number>): Set<number> {
  const present = new Set<number>();
  for (let row = 0; row < rows; row++) if (weights?.[row] !== 0) present.add(labels[row] as number);
  return present;
}

function constantTarget(
  rows: Extract<AnsweredRows, { task: "regression" }>,
  weights?: ArrayLike<number>,
): string | undefined {
  const constant = targetColumns(rows).findIndex(({ truth }) => isSame(rows.rows, truth, weights));
  return constant < 0 ? undefined : `the snapshot's ${rows.targets[constant]} has the same value in every row`;
}

function isSame(rows: number, values: ArrayLike<number>, weights?: ArrayLike<number>): boolean {
  let first: number | undefined;
  for (let row = 0; row < rows; row++) {
    if (weights?.[row] === 0) continue;
    first ??= values[row] as number;
    if (values[row] !== first) return false;
  }
  return true;
}
