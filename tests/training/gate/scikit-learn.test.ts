import { describe, expect, test } from "vitest";
import type { ClassPrediction } from "../../../data/prediction.ts";
import type { Predictor } from "../../../service/predictor/predictor.ts";
import { evaluate } from "../../../training/gate/evaluation.ts";
import { benjaminiHochberg } from "../../../training/gate/multiplicity.ts";
import { kolmogorovSmirnov, ksPValue } from "../../../training/gate/statistics/kolmogorov-smirnov.ts";
import { twoSidedZ } from "../../../training/gate/statistics/normal.ts";
import { mcnemar } from "../../../training/gate/statistics/paired-proportions.ts";
import { clopperPearson, wilson } from "../../../training/gate/statistics/proportion.ts";
import { quantile } from "../../../training/gate/statistics/quantile.ts";
import recorded from "../../fixtures/gate-metrics/scikit-learn.json" with { type: "json" };
import { toSnapshot } from "../../helpers/number-rows.ts";
import { binaryPrediction, floats } from "../../service/helpers/tables.ts";

/** Expects a difference below 1e-9, relative above 1. */
const same = (ours: number | undefined, theirs: number, what = "") =>
  expect(Math.abs((ours ?? Number.NaN) - theirs) / Math.max(1, Math.abs(theirs)), what).toBeLessThan(1e-9);

type Case = (typeof recorded.cases)[number];

/** A predictor that returns the recorded vectors as doubles, the type that scikit-learn received. */
const answering = ({ predicted, positive }: Case): Predictor => ({
  signature: floats(1),
  predict: async () => {
    const prediction = binaryPrediction(predicted, positive);
    const data = Float64Array.from(positive.flatMap((value) => [1 - value, value]));
    return { ...prediction, scores: { data, width: 2, areProbabilities: true } } as ClassPrediction;
  },
  close: async () => {},
});

const evaluateCase = async (one: Case) => {
  const rows = { path: "recorded.csv", md5: "m", columns: ["x"], rows: one.labels.length };
  const features = new Float64Array(one.labels.length);
  const snapshot = toSnapshot({ ...rows, features, labels: Int32Array.from(one.labels) });
  return evaluate(answering(one), snapshot, "binary");
};

describe.each(recorded.cases)("of $name", (one) => {
  test("the recorded probabilities are float32", () => {
    expect([...Float32Array.from(one.positive)]).toEqual(one.positive);
  });

  test("every metric of a model's predictions equals scikit-learn's", async () => {
    const { metrics } = await evaluateCase(one);
    for (const [name, expected] of Object.entries(one.metrics)) same(metrics[name], expected, name);
  });
});

test("Wilson's and Clopper and Pearson's intervals and McNemar's exact p-value equal SciPy's", () => {
  for (const [name, interval, cases] of [
    ["wilson", wilson, recorded.wilson],
    ["Clopper-Pearson", clopperPearson, recorded.clopperPearson],
  ] as const)
    for (const [successes, trials, confidence, expected] of cases as [number, number, number, [number, number]][]) {
      const [low, high] = interval(successes, trials, confidence);
      same(low, expected[0], `${name} ${successes} of ${trials}`);
      same(high, expected[1], `${name} ${successes} of ${trials}`);
    }
  for (const [gained = 0, lost = 0, p = 0] of recorded.mcnemar) same(mcnemar({ gained, lost }), p, `${gained}:${lost}`);
});

test("normal quantiles and sample quantiles equal SciPy's and NumPy's", () => {
  for (const [confidence = 0, z = 0] of recorded.z) same(twoSidedZ(confidence), z);
  const { values, shares, expected } = recorded.quantiles;
  for (const [index, share] of shares.entries()) same(quantile(values, share), expected[index] ?? Number.NaN);
});

test("Kolmogorov-Smirnov and Benjamini-Hochberg equal SciPy's", () => {
  for (const { first, second, statistic, pValue } of recorded.kolmogorovSmirnov) {
    const ours = kolmogorovSmirnov(Float64Array.from(first).sort(), Float64Array.from(second).sort());
    same(ours, statistic);
    same(ksPValue(ours, first.length, second.length), pValue);
  }
  for (const [statistic = 0, n = 0, m = 0, p = 0] of recorded.kolmogorovSmirnovLimit)
    same(ksPValue(statistic, n, m), p);
  const { pValues, adjusted } = recorded.benjaminiHochberg;
  const ours = benjaminiHochberg(pValues);
  expect(ours).toHaveLength(adjusted.length);
  for (const [index, p] of ours.entries()) same(p, adjusted[index] ?? Number.NaN);
});
