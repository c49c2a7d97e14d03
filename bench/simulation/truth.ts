import type { AnsweredRows } from "../../training/gate/metrics/answered-rows.ts";
import type { Metric, RowsTask } from "../../training/gate/metrics/metric.ts";
import { seededRandom } from "../../training/gate/statistics/random.ts";
import { DRAWS } from "./scenarios.ts";

/** Rows of which the truth is taken: its own error is a twentieth of that of 2,000 rows. */
const ROWS = 800_000;

/** How much less the candidate sees than the champion. */
export const NOISE = { binary: [0.5, 0], multiclass: [0.5, 0], regression: [0.6, 0] } as const;

const drawn = new Map<string, readonly AnsweredRows[]>();

/** The metric of the candidate, and of the champion, which sees all, on very many rows. */
export function truthOf(
  metric: Metric,
  task: RowsTask,
  prevalence: number,
): readonly [candidate: number, champion: number] {
  const key = `${task} ${prevalence}`;
  const known = drawn.get(key);
  const rows = known ?? DRAWS[task](ROWS, prevalence, seededRandom(1), NOISE[task]);
  // Of one scenario at a time: they are large.
  if (!known) drawn.clear();
  drawn.set(key, rows);
  const [candidate, champion] = rows.map((model) => metric.of(model)?.() ?? Number.NaN);
  return [candidate ?? Number.NaN, champion ?? Number.NaN];
}
