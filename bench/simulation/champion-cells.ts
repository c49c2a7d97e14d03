import { championPolicy, judgeChampion } from "../../training/gate/checks/champion.ts";
import type { AnsweredRows } from "../../training/gate/metrics/answered-rows.ts";
import type { Metric } from "../../training/gate/metrics/metric.ts";
import { METRICS, type MetricKey } from "../../training/gate/metrics/metric-table.ts";
import { seededRandom } from "../../training/gate/statistics/random.ts";
import { type CellResult, type ChampionCell, seedOf } from "./cells.ts";
import { evaluationOf } from "./metric-cells.ts";
import { DRAWS } from "./scenarios.ts";
import { NOISE, truthOf } from "./truth.ts";

/** How often a candidate that is worse by twice the margin passes. */
export function measureChampion(cell: ChampionCell, simulations: number): CellResult {
  const { task, metric: key, prevalence, rows } = cell;
  const metric = METRICS[key as MetricKey] as Metric;
  const noise = NOISE[task];
  const [ours, theirs] = truthOf(metric, task, prevalence);
  const worse = metric.loss ? ours - theirs : theirs - ours;
  if (!(worse > 0)) throw new Error(`${key}: the candidate is not worse than the champion, ${ours} against ${theirs}`);
  const policy = championPolicy.parse({ first: "pass", [key]: { margin: worse / 2 } });
  const random = seededRandom(seedOf(cell));
  let [passed, inconclusive] = [0, 0];
  for (let simulation = 0; simulation < simulations; simulation++) {
    const [candidate, champion] = DRAWS[task](rows, prevalence, random, noise) as [AnsweredRows, AnsweredRows];
    const evaluation = evaluationOf(champion);
    const [check] = judgeChampion(evaluationOf(candidate), { version: "1", sha256: "", evaluation }, policy);
    if (check?.outcome === "pass") passed++;
    if (check?.outcome === "inconclusive") inconclusive++;
  }
  return { kind: "champion", cell, simulations, passed, inconclusive };
}
