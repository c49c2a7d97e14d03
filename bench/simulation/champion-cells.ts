import { championPolicy, judgeChampion } from "../../training/gate/checks/champion.ts";
import type { AnsweredRows } from "../../training/gate/metrics/answered-rows.ts";
import type { Metric } from "../../training/gate/metrics/metric.ts";
import { METRICS, type MetricKey } from "../../training/gate/metrics/metric-table.ts";
import { seededRandom } from "../../training/gate/statistics/random.ts";
import { type CellResult, type ChampionCell, seedOf } from "./cells.ts";
import { evaluationOf } from "./metric-cells.ts";
import { DRAWS } from "./scenarios.ts";
import { NOISE, truthOf } from "./truth.ts";
import { drawWeights } from "./weights.ts";

/** Measures how often a candidate that is worse by twice the margin passes. */
export function measureChampion(cell: ChampionCell, simulations: number): CellResult {
  const { task, metric: key, prevalence, rows, weights } = cell;
  const metric = METRICS[key as MetricKey] as Metric;
  const noise = NOISE[task];
  const [noisy, clear] = truthOf(metric, task, prevalence, weights);
  const worse = metric.loss ? noisy - clear : clear - noisy;
  // Noise can raise a recall, so the model that is worse by this metric is the candidate.
  const order = worse > 0 ? ([0, 1] as const) : ([1, 0] as const);
  const margin = Math.abs(worse) / 2;
  const policy = championPolicy.parse({ first: "pass", [key]: { margin } });
  const random = seededRandom(seedOf(cell));
  let [passed, inconclusive] = [0, 0];
  for (let simulation = 0; simulation < simulations; simulation++) {
    const models = DRAWS[task](rows, prevalence, random, noise) as readonly AnsweredRows[];
    const [candidate, champion] = order.map((place) => models[place]) as [AnsweredRows, AnsweredRows];
    const own = weights && drawWeights(weights, champion, random);
    const evaluation = evaluationOf(champion, own);
    const [check] = judgeChampion(evaluationOf(candidate, own), { version: "1", sha256: "", evaluation }, policy);
    if (check?.outcome === "pass") passed++;
    if (check?.outcome === "inconclusive") inconclusive++;
  }
  return { kind: "champion", cell, simulations, passed, inconclusive };
}
