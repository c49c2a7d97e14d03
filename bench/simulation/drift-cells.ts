import type { Table } from "../../data/table.ts";
import { featureDrift, judgeClassifier, judgeKs, judgePsi } from "../../training/gate/checks/drift.ts";
import { fitDriftClassifier } from "../../training/gate/domain-classifier.ts";
import { type Random, seededRandom } from "../../training/gate/statistics/random.ts";
import { type CategoryCell, type CellResult, type DriftCell, seedOf } from "./cells.ts";

const COLUMNS = 10;
/** Simulations per cell that fit a model, which takes a hundred times longer than the other checks. */
const MOST_CLASSIFIED = 300;
/** Typical columns: continuous, skewed, counts, yes-no, rare, mostly 0. */
const MIXED: readonly ((random: Random) => number)[] = [
  (random) => random.normal(),
  (random) => Math.exp(random.normal()),
  (random) => Math.floor(-Math.log(1 - random.uniform()) * 3),
  (random) => (random.uniform() < 0.3 ? 1 : 0),
  (random) => (random.uniform() < 0.005 ? 1 : 0),
  (random) => (random.uniform() < 0.95 ? 0 : Math.exp(random.normal())),
  (random) => random.below(10),
];

function draw(kind: DriftCell["columns"], rows: number, random: Random): Table {
  const fields = Array.from({ length: COLUMNS }, (_, index) => ({ name: `f${index}`, type: "double" as const }));
  const columns = fields.map((_, index) => {
    const value = (kind === "normal" ? MIXED[0] : MIXED[index % MIXED.length]) as (random: Random) => number;
    const data = new Float64Array(rows);
    for (let row = 0; row < rows; row++) data[row] = value(random);
    return { kind: "number" as const, data };
  });
  return { fields, columns, rows } as unknown as Table;
}

export type CategoryLaw = CategoryCell["law"];

/** Draws a column of texts. @param renamed drift: every second category has a new name */
export function drawCategories(
  law: CategoryLaw,
  categories: number,
  rows: number,
  random: Random,
  renamed = false,
): Table {
  const weights = Array.from({ length: categories }, (_, index) => (law === "uniform" ? 1 : 1 / (index + 1)));
  let sum = 0;
  const ends = weights.map((weight) => {
    sum += weight;
    return sum;
  });
  const codes = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const at = random.uniform() * sum;
    codes[row] = ends.findIndex((end) => at < end);
  }
  const dictionary = weights.map((_, index) => `${renamed && index % 2 === 0 ? "new" : "old"} ${index}`);
  return {
    fields: [{ name: "text", type: "string", nullable: true }],
    columns: [{ kind: "text", codes, dictionary }],
    rows,
  };
}

/** Measures how often the PSI of one text column without drift is significant, whatever its bound. */
export function measureCategories(cell: CategoryCell, simulations: number): CellResult {
  const random = seededRandom(seedOf(cell));
  const { law, categories, reference, rows } = cell;
  let psi = 0;
  for (let simulation = 0; simulation < simulations; simulation++) {
    const pair = [drawCategories(law, categories, rows, random), drawCategories(law, categories, reference, random)];
    const features = featureDrift(...(pair as [Table, Table]));
    const compared = { features, rows: { reference, evaluation: rows }, why: "" };
    if (judgePsi(compared, { max: 0 }).outcome === "fail") psi++;
  }
  return { kind: "categories", cell, simulations, psi };
}

/** Measures how often snapshots of the same distribution fail: PSI above 0.1 (the stricter usual bound), KS at 0.01, and the classifier above 0.6. */
export function measureDrift(cell: DriftCell, simulations: number): CellResult {
  const random = seededRandom(seedOf(cell));
  const rows = { reference: cell.reference, evaluation: cell.rows };
  const classified = Math.min(simulations, MOST_CLASSIFIED);
  let [psi, ks, classifier] = [0, 0, 0];
  for (let simulation = 0; simulation < simulations; simulation++) {
    const pair = [draw(cell.columns, cell.rows, random), draw(cell.columns, cell.reference, random)] as const;
    const features = featureDrift(...pair);
    const compared = { features, rows, why: "" };
    if (judgePsi(compared, { max: 0.1 }).outcome === "fail") psi++;
    if (judgeKs(compared, { alpha: 0.01 }).outcome === "fail") ks++;
    if (simulation < classified && judgeClassifier(fitDriftClassifier(...pair), {}).outcome === "fail") classifier++;
  }
  return { kind: "drift", cell, simulations, psi, ks, classifier, classified };
}
