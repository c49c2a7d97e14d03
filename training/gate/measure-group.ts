import type { GroupDetails, RateDetails } from "./check-details.ts";
import type { Evaluation, EvaluationDetails } from "./evaluation.ts";
import type { Group } from "./groups.ts";
import { effectiveTrials } from "./intervals/interval.ts";
import {
  type BinaryRows,
  detectorOf,
  type MulticlassRows,
  oncePer,
  type RegressionRows,
} from "./metrics/answered-rows.ts";

/** By name; see GroupDetails. */
type Rates = Record<string, RateDetails>;

/** Rates of more classes would exceed a reasonable report size. */
const FEW_CLASSES = 20;

/**
 * Computes a model's results on a group's weighted rows.
 * @param minSize below this number of rows, a group is too small
 * @param classes whose rates are needed; those of at most 20 classes are always computed
 */
export function measureGroup(
  group: Group,
  evaluation: Evaluation,
  minSize: number,
  classes: readonly string[] = [],
): GroupDetails {
  const { weights } = evaluation;
  const rows = weights ? group.rows.filter((row) => (weights[row] as number) > 0) : group.rows;
  const rates = ratesOf(new WeightedRows(rows, weights), evaluation, classes);
  const value = (rate: string) => rates[rate]?.value ?? null;
  return {
    name: group.name,
    rows: rows.length,
    small: rows.length < minSize,
    accuracy: value("accuracy"),
    selectionRate: value("selectionRate"),
    truePositiveRate: value("truePositiveRate"),
    falsePositiveRate: value("falsePositiveRate"),
    ...(evaluation.task === "regression" && { meanError: value("meanError"), rmse: value("rmse") }),
    rates,
  };
}

class WeightedRows {
  readonly rows: readonly number[];
  readonly #weights: ArrayLike<number> | undefined;

  constructor(rows: readonly number[], weights: ArrayLike<number> | undefined) {
    this.rows = rows;
    this.#weights = weights;
  }

  weightOf(row: number): number {
    return this.#weights ? (this.#weights[row] as number) : 1;
  }

  /** Mean of a value per row, and the number of rows. */
  mean(of: (row: number) => number): RateDetails {
    let [sum, total] = [0, 0];
    for (const row of this.rows) {
      const weight = this.weightOf(row);
      sum += weight * of(row);
      total += weight;
    }
    const effective = this.#weights && {
      effectiveRows: effectiveTrials(
        this.rows.map((row) => this.weightOf(row)),
        (index) => of(this.rows[index] as number) === 1,
      ),
    };
    return { value: total > 0 ? sum / total : null, rows: this.rows.length, ...effective };
  }
}

function ratesOf(group: WeightedRows, evaluation: Evaluation, classes: readonly string[]): Rates {
  if (evaluation.task === "regression") return errorsOf(group, evaluation);
  if (detectorOf(evaluation)?.unlabelled) return {};
  const { labels, predicted, task } = evaluation;
  const accuracy = group.mean((row) => (labels[row] === predicted[row] ? 1 : 0));
  const sums = new ClassSums(group, evaluation);
  if (task === "binary") return { accuracy, ...sums.ratesOf(1) };
  const rates: Rates = { accuracy, macroRecall: macroRecall(sums, evaluation) };
  for (const [code, name] of evaluation.classes.entries())
    if (evaluation.classes.length <= FEW_CLASSES || classes.includes(String(name)))
      for (const [rate, found] of Object.entries(sums.ratesOf(code))) rates[`classes.${name}.${rate}`] = found;
  return rates;
}

/** Rows and weight by class, in one pass for all classes. */
class ClassSums {
  readonly #all = new Sum();
  readonly #truth: readonly Sum[];
  readonly #predicted: readonly Sum[];
  readonly #right: readonly Sum[];

  constructor(group: WeightedRows, { classes, labels, predicted }: BinaryRows | MulticlassRows) {
    [this.#truth, this.#predicted, this.#right] = [0, 1, 2].map(() => classes.map(() => new Sum())) as [
      Sum[],
      Sum[],
      Sum[],
    ];
    for (const row of group.rows) {
      const [label, answer, weight] = [labels[row] as number, predicted[row] as number, group.weightOf(row)];
      this.#all.add(weight);
      this.#truth[label]?.add(weight);
      this.#predicted[answer]?.add(weight);
      if (label === answer) this.#right[label]?.add(weight);
    }
  }

  /** Rates of one class against the others, as for the positive one of two. */
  ratesOf(code: number) {
    const [truth, predicted, right] = [this.#truth[code], this.#predicted[code], this.#right[code]] as [Sum, Sum, Sum];
    return {
      selectionRate: predicted.outOf(this.#all),
      truePositiveRate: right.outOf(truth),
      falsePositiveRate: predicted.without(right).outOf(this.#all.without(truth)),
      precision: right.outOf(predicted),
    };
  }
}

class Sum {
  rows = 0;
  weight = 0;

  add(weight: number): void {
    this.rows++;
    this.weight += weight;
  }

  without({ rows, weight }: Sum): Sum {
    const rest = new Sum();
    rest.rows = this.rows - rows;
    // Sums of weights are rounded: without rows, the weight must be zero.
    rest.weight = rest.rows === 0 ? 0 : this.weight - weight;
    return rest;
  }

  outOf({ rows, weight }: Sum): RateDetails {
    return { value: rows === 0 ? null : this.weight / weight, rows };
  }
}

/** Codes of the classes that occur in weighted rows. */
const occurring = oncePer(
  ({ labels, weights }: Pick<MulticlassRows, "labels"> & Pick<EvaluationDetails, "weights">) => {
    const codes = new Set<number>();
    for (let row = 0; row < labels.length; row++) if (weights?.[row] !== 0) codes.add(labels[row] as number);
    return [...codes];
  },
);

/**
 * Mean recall of all classes in the evaluation. A group that lacks one of them has no value: otherwise it would be compared with groups
 * that contain harder classes. The number of rows is that of the rarest class.
 */
function macroRecall(sums: ClassSums, evaluation: MulticlassRows & Pick<EvaluationDetails, "weights">): RateDetails {
  const recalls = occurring(evaluation).map((code) => sums.ratesOf(code).truePositiveRate);
  let sum: number | null = 0;
  for (const { value } of recalls) sum = sum === null || value === null ? null : sum + value;
  return {
    value: sum === null || recalls.length === 0 ? null : sum / recalls.length,
    rows: Math.min(...recalls.map(({ rows }) => rows)),
  };
}

/** Mean error (prediction minus truth) and root mean squared error: the mean over the targets, and of each target. */
function errorsOf(group: WeightedRows, { truth, predicted, targets }: RegressionRows): Rates {
  const width = targets.length;
  const errors = targets.map((_, target) => {
    const error = (row: number) =>
      (predicted[row * width + target] as number) - (truth[row * width + target] as number);
    const squares = group.mean((row) => error(row) ** 2);
    return {
      meanError: group.mean(error),
      rmse: { ...squares, value: squares.value === null ? null : Math.sqrt(squares.value) },
    };
  });
  const over = (rate: "meanError" | "rmse"): RateDetails => {
    const all = errors.map((of) => of[rate]);
    const sum = all.reduce(
      (total: number | null, { value }) => (total === null || value === null ? null : total + value),
      0,
    );
    return { ...(all[0] as RateDetails), value: sum === null ? null : sum / width };
  };
  const rates: Rates = { meanError: over("meanError"), rmse: over("rmse") };
  for (const [target, of] of errors.entries())
    for (const [rate, found] of Object.entries(of)) rates[`targets.${targets[target]}.${rate}`] = found;
  return rates;
}
