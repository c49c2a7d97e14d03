import type {
  AnsweredRows,
  BinaryRows,
  MulticlassRows,
  RegressionRows,
} from "../../../../training/gate/metrics/answered-rows.ts";
import { type Random, seededRandom } from "../../../../training/gate/statistics/random.ts";

/** Generates rows of a task with better than random predictions, reproducible by seed. */
export const randomRows = {
  binary(rows: number, seed = 1): BinaryRows {
    const random = seededRandom(seed);
    const labels = whole(rows, () => random.below(2));
    const positive = floats(rows, (row) => tenths(0.3 + 0.3 * (labels[row] as number), random));
    const predicted = whole(rows, (row) => ((positive[row] as number) > 0.5 ? 1 : 0));
    return { task: "binary", rows, classes: [0, 1], labels, predicted, positive, scores: positive, epsilon: 2 ** -52 };
  },
  multiclass(rows: number, seed = 1, width = 4): MulticlassRows {
    const random = seededRandom(seed);
    const labels = whole(rows, () => random.below(width));
    const probabilities = new Float64Array(rows * width);
    for (let row = 0; row < rows; row++) {
      const own = floats(width, (index) => random.below(8) + (index === labels[row] ? 4 : 1));
      const sum = own.reduce((a, b) => a + b);
      for (let index = 0; index < width; index++) probabilities[row * width + index] = (own[index] as number) / sum;
    }
    const predicted = whole(rows, (row) => {
      const own = probabilities.subarray(row * width, (row + 1) * width);
      return own.indexOf(Math.max(...own));
    });
    const classes = Array.from({ length: width }, (_, index) => `c${index}`);
    return { task: "multiclass", rows, classes, labels, predicted, probabilities, epsilon: 2 ** -52 };
  },
  regression(rows: number, seed = 1, targets = ["a", "b"]): RegressionRows {
    const random = seededRandom(seed);
    const truth = floats(rows * targets.length, () => Math.round(random.normal() * 30) / 10 + 20);
    const predicted = truth.map((value) => value + random.normal());
    return { task: "regression", rows, targets, truth, predicted };
  },
};

/** Repeats each row by its count. */
export function repeatRows<Rows extends AnsweredRows>(rows: Rows, counts: ArrayLike<number>): Rows {
  const order = Array.from(counts).flatMap((count, row) => new Array<number>(count).fill(row));
  const repeated = Object.entries(rows).map(([name, part]) => {
    if (!(part instanceof Int32Array || part instanceof Float64Array)) return [name, part];
    const width = part.length / rows.rows;
    const values = order.flatMap((row) => [...part.subarray(row * width, (row + 1) * width)]);
    return [name, part instanceof Int32Array ? Int32Array.from(values) : Float64Array.from(values)];
  });
  return { ...Object.fromEntries(repeated), rows: order.length };
}

const tenths = (mean: number, random: Random): number =>
  Math.min(1, Math.max(0, Math.round((mean + random.normal() / 4) * 10) / 10));

const whole = (rows: number, value: (row: number) => number) =>
  Int32Array.from({ length: rows }, (_, row) => value(row));
const floats = (rows: number, value: (row: number) => number) =>
  Float64Array.from({ length: rows }, (_, row) => value(row));
