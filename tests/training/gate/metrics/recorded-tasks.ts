import { expect } from "vitest";
import type {
  AnsweredRows,
  BinaryRows,
  MulticlassRows,
  RegressionRows,
} from "../../../../training/gate/metrics/answered-rows.ts";
import { ConfusionMatrix } from "../../../../training/gate/metrics/confusion-matrix.ts";
import { type Metric, rangeFor } from "../../../../training/gate/metrics/metric.ts";
import { METRIC_FAMILIES, METRICS, metricKeysOf } from "../../../../training/gate/metrics/metric-table.ts";
import { metricsOf } from "../../../../training/gate/metrics/metrics-of.ts";
import { ofClass, ofTarget, runName } from "../../../../training/gate/metrics/parts.ts";

type Values = Record<string, number | null | undefined>;

/** Output of record_tasks.py. */
interface Case {
  readonly name: string;
  readonly weights: number[] | null;
  readonly metrics: Values;
}

export interface BinaryCase extends Case {
  readonly labels: number[];
  readonly predicted: number[];
  readonly positive: number[] | null;
  readonly scores: number[] | null;
  readonly float32: boolean;
  readonly ownLogLoss?: number | null;
  readonly parameters: { recall: number; precision: number; k: number };
  readonly asked: Values;
}

export interface MulticlassCase extends Case {
  readonly classes: number;
  readonly labels: number[];
  readonly predicted: number[];
  readonly probabilities: number[] | null;
  readonly asked: { readonly confusion: number[] } & Record<string, number | number[] | null | undefined>;
  readonly byClass: Values[];
}

export interface RegressionCase extends Case {
  readonly targets: number;
  readonly truth: number[];
  readonly predicted: number[];
  readonly quantile: number;
  readonly asked: Values;
  readonly byTarget: Values[];
}

export interface RecordedTasks {
  readonly binary: readonly BinaryCase[];
  readonly multiclass: readonly MulticlassCase[];
  readonly regression: readonly RegressionCase[];
}

const FLOAT32 = 2 ** -23;
const FLOAT64 = 2 ** -52;

/** Expects defined metrics to equal scikit-learn's. All others must be absent, and NaN if computed alone. */
function expectTable(rows: AnsweredRows, { weights, metrics }: Case): void {
  const values = metricsOf(rows, weights ?? undefined);
  const defined = Object.keys(metrics).filter((name) => typeof metrics[name] === "number");
  // scikit-learn does not support weights for one-vs-one.
  const asked = Object.keys(values).filter((name) => name !== "roc_auc_ovo" || name in metrics);
  expect(asked.sort()).toEqual(defined.sort());
  for (const key of metricKeysOf(rows.task)) {
    const { metric, of } = METRICS[key];
    const theirs = metrics[metric];
    if (theirs !== undefined) same(of(rows)?.(weights ?? undefined), theirs, metric);
    if (typeof theirs !== "number") continue;
    same(values[metric], theirs, metric);
    const [lowest, highest] = rangeFor(METRICS[key], rows.task);
    expect(theirs, metric).toBeGreaterThanOrEqual(lowest - 1e-9);
    expect(theirs, metric).toBeLessThanOrEqual(highest + 1e-9);
  }
}

export function expectBinary(one: BinaryCase): void {
  const rows: BinaryRows = {
    task: "binary",
    rows: one.labels.length,
    classes: ["no", "yes"],
    epsilon: FLOAT64,
    labels: Int32Array.from(one.labels),
    predicted: Int32Array.from(one.predicted),
    ...(one.positive && { positive: Float64Array.from(one.positive) }),
    ...(one.scores && { scores: Float64Array.from(one.scores) }),
  };
  const weights = one.weights ?? undefined;
  expectTable(rows, one);
  const { recall, precision, k } = one.parameters;
  const families = {
    precisionAtRecall: METRIC_FAMILIES.precisionAtRecall.with({ recall }),
    recallAtPrecision: METRIC_FAMILIES.recallAtPrecision.with({ precision }),
    precisionAtK: METRIC_FAMILIES.precisionAtK.with({ k }),
    expectedCost: METRIC_FAMILIES.expectedCost.with({
      falsePositive: 1,
      falseNegative: 7,
      truePositive: -2,
      trueNegative: 0.5,
    }),
  };
  for (const [name, metric] of Object.entries(families))
    same(metric.of(rows)?.(weights), one.asked[name] ?? null, name);
  if (one.ownLogLoss === undefined) return;
  // scikit-learn computes entirely in float32.
  const own = METRICS.logLoss.of({ ...rows, epsilon: one.float32 ? FLOAT32 : FLOAT64 });
  same(own?.(weights), one.ownLogLoss, "log loss of the model's own type", one.float32 ? 1e-5 : 1e-9);
}

const NAMES = ["größe", "日本 語", "a/b: c", 3, true, "x".repeat(300)] as const;

export function expectMulticlass(one: MulticlassCase): void {
  const rows: MulticlassRows = {
    task: "multiclass",
    rows: one.labels.length,
    classes: NAMES.slice(0, one.classes),
    epsilon: FLOAT64,
    labels: Int32Array.from(one.labels),
    predicted: Int32Array.from(one.predicted),
    ...(one.probabilities && { probabilities: Float64Array.from(one.probabilities) }),
  };
  const weights = one.weights ?? undefined;
  expectTable(rows, one);
  const { confusion, ...topK } = one.asked;
  expect([...ConfusionMatrix.of(rows, weights).cells]).toEqual(confusion.map((count) => expect.closeTo(count, 9)));
  for (const [name, theirs] of Object.entries(topK)) {
    const metric = METRIC_FAMILIES.topK.with({ k: Number(name.slice("topK".length)) });
    same(metric.of(rows)?.(weights), theirs as number | null, name);
  }
  for (const [index, values] of one.byClass.entries())
    for (const key of metricKeysOf("binary")) {
      const name = rows.classes[index] as string;
      expectPart(ofClass(METRICS[key], name), METRICS[key], String(name), rows, one, values);
    }
}

export function expectRegression(one: RegressionCase): void {
  const targets = ["price", "größe", "a/b"].slice(0, one.targets);
  const rows: RegressionRows = {
    task: "regression",
    rows: one.truth.length / one.targets,
    targets,
    truth: Float64Array.from(one.truth),
    predicted: Float64Array.from(one.predicted),
  };
  const weights = one.weights ?? undefined;
  expectTable(rows, one);
  const pinball = METRIC_FAMILIES.pinball.with({ quantile: one.quantile });
  same(pinball.of(rows)?.(weights), one.asked.pinball as number, "pinball");
  if (one.targets > 1) {
    const coverage = METRIC_FAMILIES.coverage.with({ lower: "price", upper: "größe" });
    same(coverage.of(rows)?.(weights), one.asked.coverage as number, "coverage");
  }
  for (const [index, values] of one.byTarget.entries())
    for (const key of metricKeysOf("regression")) {
      const name = targets[index] as string;
      expectPart(ofTarget(METRICS[key], name), METRICS[key], name, rows, one, values);
    }
}

function expectPart(
  part: Metric,
  whole: Metric,
  name: string,
  rows: AnsweredRows,
  { weights }: Case,
  values: Values,
): void {
  expect(part.metric).toBe(`${whole.metric}_${runName(name)}`);
  same(part.of(rows)?.(weights ?? undefined), values[whole.metric] ?? null, part.metric);
}

/** Expects our value within 1e-9 of theirs, relative above 1. null means that the value is not defined. */
export function same(ours: number | undefined, theirs: number | null, what: string, tolerance = 1e-9): void {
  if (theirs === null) expect(ours ?? Number.NaN, what).toBeNaN();
  else expect(Math.abs((ours ?? Number.NaN) - theirs) / Math.max(1, Math.abs(theirs)), what).toBeLessThan(tolerance);
}
