import type { AnsweredRows } from "../../training/gate/metrics/answered-rows.ts";
import type { Metric, RowsTask } from "../../training/gate/metrics/metric.ts";
import { seededRandom } from "../../training/gate/statistics/random.ts";
import { DRAWS } from "./scenarios.ts";
import { drawWeights, type WeightsName } from "./weights.ts";

/** Rows that determine the truth: its error is a twentieth of the error on 2,000 rows. */
const ROWS = 800_000;

/** Extra noise of the candidate compared with the champion. */
export const NOISE = { binary: [0.5, 0], multiclass: [0.5, 0], regression: [0.6, 0] } as const;

const drawn = new Map<string, readonly AnsweredRows[]>();

/** Computes the metric of the candidate, and of the champion without noise, on very many rows. */
export function truthOf(
  metric: Metric,
  task: RowsTask,
  prevalence: number,
  weights?: WeightsName,
): readonly [candidate: number, champion: number] {
  const key = `${task} ${prevalence}`;
  const known = drawn.get(key);
  const rows = known ?? DRAWS[task](ROWS, prevalence, seededRandom(1), NOISE[task]);
  // For one scenario at a time, because they are large.
  if (!known) drawn.clear();
  drawn.set(key, rows);
  const [first] = rows;
  const own = weights && first && drawWeights(weights, first, seededRandom(2));
  const [candidate, champion] = rows.map((model) => metric.of(model)?.(own) ?? Number.NaN);
  return [candidate ?? Number.NaN, champion ?? Number.NaN];
}
