// Measures how often the gate's statistics are wrong, on simulated data whose truth is known, with the gate's own functions.
//   npm run bench:coverage -- [--simulations 2000] [--workers <cores>] [--only metric|champion|drift|categories|weighted] [--metric accuracy,f1] [--rows 30,100]
// One-sided errors are shares of the simulations that have an interval; a cell is inconclusive if more than half have none. worstUnderNominal is how
// far the coverage of a two-sided 95 % interval falls below 0.95 at worst; championWrongPass is the largest share of passes of a candidate at twice the margin.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import type { Cell, CellResult } from "./simulation/cells.ts";
import { figuresOf, lineOf } from "./simulation/figures.ts";
import { keysOf } from "./simulation/metric-cells.ts";
import { WEIGHTS } from "./simulation/weights.ts";

const ROWS = [30, 100, 400, 2_000];
const PREVALENCES = [0.5, 0.05];
/** The largest error of a sample has no interval, and a bias has no worse direction. */
const NOT_COMPARED = ["maxError", "meanError", "expectedCost", "topK", "pinball"];
const SIZES = [
  [100, 100],
  [100, 1_600],
  [400, 400],
  [2_000, 2_000],
  [10_000, 10_000],
  [100_000, 100_000],
] as const;

const CATEGORY_SIZES = [
  [100, 100],
  [200, 600],
  [2_000, 2_000],
] as const;

const { values } = parseArgs({
  options: {
    simulations: { type: "string", default: "2000" },
    workers: { type: "string", default: String(availableParallelism()) },
    only: { type: "string" },
    metric: { type: "string" },
    rows: { type: "string" },
  },
});
const simulations = Number(values.simulations);
const wanted = values.metric?.split(",");
const sizes = values.rows?.split(",").map(Number) ?? ROWS;

/** Metrics whose intervals are also measured with weights: one per method. */
const WEIGHTED = {
  binary: ["accuracy", "precision", "recall", "f1", "rocAuc", "prAuc", "logLoss", "ks", "calibrationError"],
  multiclass: ["accuracy", "macroF1", "rocAucOvr"],
  regression: ["mae", "rmse", "r2", "medianAe"],
} as const;
const WEIGHTED_ROWS = [100, 400];
/** Metrics that are also compared with a champion. */
const WEIGHTED_CHAMPIONS = ["accuracy", "rocAuc", "mae"];

function weightedCells(): Cell[] {
  const cells: Cell[] = [];
  for (const task of ["binary", "multiclass", "regression"] as const)
    for (const rows of WEIGHTED_ROWS.filter((rows) => sizes.includes(rows)))
      for (const prevalence of PREVALENCES)
        for (const metric of WEIGHTED[task])
          for (const weights of WEIGHTS) {
            if (wanted && !wanted.includes(metric)) continue;
            cells.push({ kind: "metric", task, metric, rows, prevalence, weights });
            if (WEIGHTED_CHAMPIONS.includes(metric))
              cells.push({ kind: "champion", task, metric, rows, prevalence, weights });
          }
  return cells;
}

function plainCells(): Cell[] {
  const cells: Cell[] = [];
  for (const task of ["binary", "multiclass", "regression"] as const)
    for (const rows of sizes)
      for (const prevalence of PREVALENCES)
        for (const metric of keysOf(task)) {
          if (wanted && !wanted.includes(metric)) continue;
          cells.push({ kind: "metric", task, metric, rows, prevalence });
          if (!NOT_COMPARED.includes(metric)) cells.push({ kind: "champion", task, metric, rows, prevalence });
        }
  if (!wanted)
    for (const columns of ["normal", "mixed"] as const)
      for (const [rows, reference] of SIZES) cells.push({ kind: "drift", columns, rows, reference });
  if (!wanted)
    for (const law of ["uniform", "zipf"] as const)
      for (const categories of [30, 90, 500])
        for (const [rows, reference] of CATEGORY_SIZES)
          cells.push({ kind: "categories", law, categories, rows, reference });
  return cells;
}

function allCells(): Cell[] {
  if (values.only === "weighted") return weightedCells();
  return [...plainCells(), ...weightedCells()].filter(({ kind }) => values.only === undefined || values.only === kind);
}

/** Large snapshots take long and cannot fail by chance more often than smaller ones. */
const simulationsOf = (cell: Cell): number =>
  cell.kind === "drift"
    ? Math.max(20, Math.min(simulations, Math.floor(2e7 / (cell.rows + cell.reference))))
    : simulations;

const scenarioOf = (cell: Cell): string =>
  cell.kind === "metric" || cell.kind === "champion" ? `${cell.task} ${cell.prevalence}` : "";

const cells = allCells();
// Sorted by scenario, because a worker caches the truth of one scenario.
const queue = cells.toSorted((a, b) => (scenarioOf(a) < scenarioOf(b) ? -1 : 1));
const results: CellResult[] = [];
await Promise.all(
  Array.from({ length: Math.min(Number(values.workers), queue.length) }, async () => {
    const worker = new Worker(new URL("./simulation/worker.ts", import.meta.url));
    try {
      for (let cell = queue.shift(); cell; cell = queue.shift()) {
        const done = Promise.withResolvers<CellResult>();
        worker.once("message", done.resolve).once("error", done.reject);
        worker.postMessage({ cell, simulations: simulationsOf(cell) });
        const result = await done.promise;
        worker.off("error", done.reject);
        results.push(result);
        console.log(lineOf(result));
      }
    } finally {
      await worker.terminate();
    }
  }),
);
console.log(JSON.stringify(figuresOf(results)));
