import { isBinned } from "../../data/drift/binned-values.ts";
import type { Table } from "../../data/table.ts";
import { fitLogisticRegression } from "../logistic-regression.ts";
import { type DomainFeatures, domainFeatures } from "./domain-features.ts";
import { SEED } from "./intervals/interval.ts";
import { descendingOrder } from "./metrics/descending-order.ts";
import { standardError } from "./statistics/estimate.ts";
import { twoSidedZ } from "./statistics/normal.ts";
import { type Random, seededRandom } from "./statistics/random.ts";
import { newcombeArea, rocArea } from "./statistics/roc-area.ts";

/** How well a classifier distinguishes the rows of two snapshots. */
export interface DriftClassifier {
  /** Area under the ROC curve on held-out rows: 0.5 is chance, 1 is perfect. */
  readonly auc: number;
  interval(confidence?: number): [number, number];
  /** Number of rows used. */
  readonly rows: { readonly reference: number; readonly evaluation: number };
  /** The most informative columns, strongest first, with the standard deviation of their contribution to the score. */
  readonly columns: readonly { readonly column: string; readonly weight: number }[];
  /** Number of columns used, and of all eligible columns. */
  readonly looked: readonly [number, number];
}

export const CONFIDENCE = 0.95;

/** Maximum number of rows per snapshot, and of columns. */
const MOST_ROWS = 20_000;
const MOST_COLUMNS = 200;
/** Rows of a snapshot times squared features: the cost of one step of the fit. */
const MOST_WORK = 3e7;
const FEWEST_ROWS = 2_000;
const MOST_NAMED = 5;
/** Share of the strongest column's weight; weaker columns are not named. */
const SMALLEST_SHARE = 0.25;
/** Inverse regularization strength: columns are standardized, and with few rows a model must not overfit. */
const C = 0.1;

/**
 * Fits a logistic regression that distinguishes the rows of a reference from those of an evaluation on half of the rows and computes its area on the other
 * half; then vice versa (Lopez-Paz and Oquab 2017, "Revisiting classifier two-sample tests"). Time is bounded: long snapshots are sampled, and of wide
 * ones some columns are selected, both reproducibly.
 * @param evaluation the model's columns, in its order and types; `reference` likewise
 */
export function fitDriftClassifier(evaluation: Table, reference: Table): DriftClassifier {
  const random = seededRandom(SEED);
  const chosen = chooseColumns(evaluation, random);
  const [ours, theirs] = [pick(evaluation, chosen.positions), pick(reference, chosen.positions)];
  const width = 2 * Math.max(1, chosen.positions.length);
  const most = Math.floor(Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, MOST_WORK / width ** 2)));
  const rows = [shuffled(reference.rows, random), shuffled(evaluation.rows, random)].map((all) => all.slice(0, most));
  const [referenceRows, evaluationRows] = rows as [Uint32Array, Uint32Array];
  const features = domainFeatures([
    { table: theirs, rows: referenceRows },
    { table: ours, rows: evaluationRows },
  ]);
  const looked = [chosen.positions.length, chosen.all] as const;
  const sizes = { reference: referenceRows.length, evaluation: evaluationRows.length };
  // All rows are identical.
  if (features.width === 0) return { auc: 0.5, rows: sizes, looked, columns: [], interval: () => [0.5, 0.5] };
  const labels = Int32Array.from({ length: referenceRows.length + evaluationRows.length }, (_, row) =>
    Number(row >= referenceRows.length),
  );
  // Rows are shuffled already: take every second one of each snapshot.
  const isFirst = labels.map((_, row) => (row < referenceRows.length ? row : row - referenceRows.length) % 2);
  const halves = [0, 1].map((half) => evaluateHalf(features, labels, isFirst, half));
  const auc = (halves as [Half, Half]).reduce((sum, { value }) => sum + value / 2, 0);
  // Both halves see the same difference between the snapshots, once in the fit and once in the test: their errors correlate and do not average out.
  const error = halves.reduce((sum, half) => sum + half.error / 2, 0);
  return {
    auc,
    rows: sizes,
    looked,
    columns: strongest(
      features,
      halves.map(({ coefficients }) => coefficients),
    ),
    interval: (confidence = CONFIDENCE) => intervalOf(auc, error, sizes, confidence),
  };
}

function chooseColumns({ fields }: Table, random: Random) {
  const positions = fields.flatMap((field, position) => (isBinned(field) ? [position] : []));
  if (positions.length <= MOST_COLUMNS) return { positions, all: positions.length };
  const some = shuffled(positions.length, random).slice(0, MOST_COLUMNS).sort();
  return { positions: Array.from(some, (index) => positions[index] as number), all: positions.length };
}

const pick = ({ fields, columns, rows }: Table, positions: readonly number[]): Table => ({
  rows,
  fields: positions.map((position) => fields[position] as Table["fields"][number]),
  columns: positions.map((position) => columns[position] as Table["columns"][number]),
});

function shuffled(length: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length }, (_, index) => index);
  for (let position = length - 1; position > 0; position--) {
    const other = random.below(position + 1);
    [order[position], order[other]] = [order[other] as number, order[position] as number];
  }
  return order;
}

interface Half {
  readonly value: number;
  readonly error: number;
  readonly coefficients: Float64Array;
}

/** Fits on the rows of the other half and computes the area on those of this one. */
function evaluateHalf({ data, width }: DomainFeatures, labels: Int32Array, halfOf: Int32Array, half: number): Half {
  const fitted = new Float64Array(data.length);
  const fitRows: number[] = [];
  const testRows: number[] = [];
  for (const [row, rowHalf] of halfOf.entries()) {
    if (rowHalf === half) testRows.push(row);
    else {
      fitted.set(data.subarray(row * width, (row + 1) * width), fitRows.length * width);
      fitRows.push(row);
    }
  }
  const targets = Int32Array.from(fitRows, (row) => labels[row] as number);
  const { coefficients } = fitLogisticRegression(fitted.subarray(0, fitRows.length * width), targets, {
    C,
    maxIterations: 100,
  });
  const scores = Float64Array.from(testRows, (row) => {
    let score = 0;
    for (let j = 0; j < width; j++) score += (data[row * width + j] as number) * (coefficients[j] as number);
    return score;
  });
  const groups = Int32Array.from(testRows, (row) => labels[row] as number);
  const estimate = rocArea({ scores, groups, order: descendingOrder(scores) });
  return { value: estimate.value, error: standardError(estimate), coefficients };
}

/** Computes an interval on the logit scale with DeLong's error of one half. Newcombe's interval widens it if few or no rows are misranked. */
function intervalOf(auc: number, error: number, rows: DriftClassifier["rows"], confidence: number): [number, number] {
  const wide = newcombeArea(auc, rows.evaluation / 2, rows.reference / 2, confidence);
  if (auc <= 0 || auc >= 1) return wide;
  const half = (twoSidedZ(confidence) * error) / (auc * (1 - auc));
  const logit = Math.log(auc / (1 - auc));
  const back = (x: number) => 1 / (1 + Math.exp(-x));
  return [Math.min(wide[0], back(logit - half)), Math.max(wide[1], back(logit + half))];
}

/** Sorts the columns by their effect on the model's score: the standard deviation of their contribution, as if their features were independent. */
function strongest(
  { columns, data, width }: DomainFeatures,
  fits: readonly Float64Array[],
): DriftClassifier["columns"] {
  const rows = data.length / width;
  const squares = new Map<string, number>();
  for (const [position, column] of columns.entries()) {
    let [sum, square] = [0, 0];
    for (let row = 0; row < rows; row++) {
      const value = data[row * width + position] as number;
      sum += value;
      square += value * value;
    }
    const coefficient = fits.reduce((total, fit) => total + (fit[position] as number) / fits.length, 0);
    const variance = Math.max(0, square / rows - (sum / rows) ** 2);
    squares.set(column, (squares.get(column) ?? 0) + coefficient ** 2 * variance);
  }
  const sorted = [...squares]
    .map(([column, square]) => ({ column, weight: Math.sqrt(square) }))
    .sort((a, b) => b.weight - a.weight);
  const [first] = sorted;
  return sorted.filter(({ weight }) => weight >= SMALLEST_SHARE * (first?.weight ?? 0)).slice(0, MOST_NAMED);
}
