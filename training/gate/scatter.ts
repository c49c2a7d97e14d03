import type { RegressionRows } from "./metrics/answered-rows.ts";

/** What a regressor answered beside what is true, of some rows. */
export interface ScatterPoint {
  readonly target: string;
  readonly actual: number;
  readonly predicted: number;
}

const MAX_POINTS = 400;

/** Thinned to at most MAX_POINTS, evenly over the rows. */
export function scatter({ rows, targets, truth, predicted }: RegressionRows): ScatterPoint[] {
  const width = targets.length;
  const step = Math.max(1, Math.ceil((rows * width) / MAX_POINTS));
  return Array.from({ length: Math.ceil(rows / step) }, (_, point) => point * step).flatMap((row) =>
    targets.map((target, place) => ({
      target,
      actual: truth[row * width + place] as number,
      predicted: predicted[row * width + place] as number,
    })),
  );
}
