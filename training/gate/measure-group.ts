import type { Evaluation } from "./evaluation.ts";
import type { GroupFacts, RateFacts } from "./facts.ts";
import type { Group } from "./groups.ts";
import { effectiveRows } from "./intervals/interval.ts";
import type { MulticlassRows, RegressionRows } from "./metrics/answered-rows.ts";

/** By name; see GroupFacts. */
type Rates = Record<string, RateFacts>;

/** Every class of more would make facts that a report cannot hold. */
const FEW_CLASSES = 20;

/**
 * What a model did on the rows of a group that have a weight.
 * @param minSize fewer rows are too few to judge
 * @param classes whose own rates are needed; those of at most 20 classes are always taken
 */
export function measureGroup(
  group: Group,
  evaluation: Evaluation,
  minSize: number,
  classes: readonly string[] = [],
): GroupFacts {
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

  of(rows: readonly number[]): WeightedRows {
    return new WeightedRows(rows, this.#weights);
  }

  where(holds: (row: number) => boolean): WeightedRows {
    return this.of(this.rows.filter(holds));
  }

  /** Mean of a value of each row, and the rows that it is taken of. */
  mean(of: (row: number) => number): RateFacts {
    let [sum, total] = [0, 0];
    for (const row of this.rows) {
      const weight = this.#weights ? (this.#weights[row] as number) : 1;
      sum += weight * of(row);
      total += weight;
    }
    return { value: total > 0 ? sum / total : null, rows: this.rows.length, ...this.#effective };
  }

  share(of: (row: number) => boolean): RateFacts {
    return this.mean((row) => (of(row) ? 1 : 0));
  }

  get #effective() {
    const weights = this.#weights;
    return weights && { effectiveRows: effectiveRows(this.rows.map((row) => weights[row] as number)) };
  }
}

function ratesOf(group: WeightedRows, evaluation: Evaluation, classes: readonly string[]): Rates {
  if (evaluation.task === "regression") return errorsOf(group, evaluation);
  const { labels, predicted, task } = evaluation;
  const accuracy = group.share((row) => labels[row] === predicted[row]);
  if (task === "multiclass")
    return { accuracy, macroRecall: macroRecall(group, evaluation), ...ratesByClass(group, evaluation, classes) };
  return { accuracy, ...classRates(group, { labels, predicted }, 1) };
}

/** Rates of one class against the others, as of the positive one of two. */
function classRates(
  group: WeightedRows,
  { labels, predicted }: { readonly labels: ArrayLike<number>; readonly predicted: ArrayLike<number> },
  own: number,
): Rates {
  const isOwn = (row: number) => labels[row] === own;
  const isPredicted = (row: number) => predicted[row] === own;
  return {
    selectionRate: group.share(isPredicted),
    truePositiveRate: group.where(isOwn).share(isPredicted),
    falsePositiveRate: group.where((row) => !isOwn(row)).share(isPredicted),
    precision: group.where(isPredicted).share(isOwn),
  };
}

function ratesByClass(group: WeightedRows, rows: MulticlassRows, asked: readonly string[]): Rates {
  const rates: Rates = {};
  for (const [code, name] of rows.classes.entries())
    if (rows.classes.length <= FEW_CLASSES || asked.includes(String(name)))
      for (const [rate, found] of Object.entries(classRates(group, rows, code)))
        rates[`classes.${name}.${rate}`] = found;
  return rates;
}

/**
 * The mean of the recalls of all classes that any evaluation row has: a group without rows of one of them has none, or it would be compared with groups
 * that have harder classes. Its rows are those of the rarest class.
 */
function macroRecall(group: WeightedRows, { labels, predicted }: MulticlassRows): RateFacts {
  const byClass = new Map<number, number[]>(Array.from(new Set(labels), (code) => [code, []]));
  for (const row of group.rows) byClass.get(labels[row] as number)?.push(row);
  const recalls = Array.from(byClass.values(), (rows) => group.of(rows).share((row) => labels[row] === predicted[row]));
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
  const over = (rate: "meanError" | "rmse"): RateFacts => {
    const all = errors.map((of) => of[rate]);
    const sum = all.reduce(
      (total: number | null, { value }) => (total === null || value === null ? null : total + value),
      0,
    );
    return { ...(all[0] as RateFacts), value: sum === null ? null : sum / width };
  };
  const rates: Rates = { meanError: over("meanError"), rmse: over("rmse") };
  for (const [target, of] of errors.entries())
    for (const [rate, found] of Object.entries(of)) rates[`targets.${targets[target]}.${rate}`] = found;
  return rates;
}
