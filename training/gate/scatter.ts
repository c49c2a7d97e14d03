import type { RegressionRows } from "./metrics/answered-rows.ts";

/** A regressor's prediction and the truth, for one row. */
export interface ScatterPoint {
  readonly target: string;
  readonly actual: number;
  readonly predicted: number;
}

const MOST_POINTS = 400;
/** Each of several targets has its own plot. */
const MOST_TARGETS = 4;
const MOST_OF_TARGET = 200;

/**
 * Samples points evenly over the rows: at most 400 for a single target, 200 for each of several.
 * @param plotted targets, of which the first four are plotted
 */
export function scatter(
  { rows, targets, truth, predicted }: RegressionRows,
  plotted: readonly string[] = targets,
): ScatterPoint[] {
  const width = targets.length;
  const first = plotted.slice(0, MOST_TARGETS);
  const indexes = targets.flatMap((target, index) => (first.includes(target) ? [index] : []));
  const step = Math.max(1, Math.ceil(rows / (indexes.length > 1 ? MOST_OF_TARGET : MOST_POINTS)));
  return Array.from({ length: Math.ceil(rows / step) }, (_, point) => point * step).flatMap((row) =>
    indexes.map((index) => ({
      target: targets[index] as string,
      actual: truth[row * width + index] as number,
      predicted: predicted[row * width + index] as number,
    })),
  );
}
