import type { AnsweredRows } from "../../training/gate/metrics/answered-rows.ts";
import type { Random } from "../../training/gate/statistics/random.ts";

/** `random`: independent of the rows. `class`: also larger for some of them, as when one class was sampled more thinly than the other. */
export const WEIGHTS = ["random", "class"] as const;
export type WeightsName = (typeof WEIGHTS)[number];

/** Of the logarithm of a weight: the weights of 100 rows are then worth about 53 rows. */
const DEVIATION = 0.8;
/** Weight of the last class, and of targets above the middle, in multiples of the others. */
const TIMES = 4;
/** Middle of the simulated targets. */
const MIDDLE = 40;

/** Draws a weight for each row. */
export function drawWeights(kind: WeightsName, rows: AnsweredRows, random: Random): Float64Array {
  const isHeavy =
    rows.task === "regression"
      ? (row: number) => (rows.truth[row] as number) > MIDDLE
      : (row: number) => rows.labels[row] === rows.classes.length - 1;
  return Float64Array.from(
    { length: rows.rows },
    (_, row) => Math.exp(DEVIATION * random.normal()) * (kind === "class" && isHeavy(row) ? TIMES : 1),
  );
}
