import { expect, test } from "vitest";
import { performancePolicy } from "../../../training/gate/checks/metric-policy.ts";
import { judgePerformance } from "../../../training/gate/checks/performance.ts";
import { metricsOf } from "../../../training/gate/metrics/metrics-of.ts";
import { type BinaryEvaluation, evaluationWith } from "./evaluation-with.ts";
import { randomRows } from "./metrics/random-rows.ts";

/** 400 rows, 359 correct; every prediction has probability 0.9. */
const labels = Int32Array.from({ length: 400 }, (_, row) => row % 2);
const predicted = labels.map((label, row) => (row < 41 ? 1 - label : label));
const positive = Float64Array.from(predicted, (label, row) => (label ? 0.9 : 0.1) + row / 1e5);
const { without, ...probable } = evaluationWith(0.8975);
const evaluation: BinaryEvaluation = {
  ...probable,
  rows: 400,
  labels,
  predicted,
  positive,
  scores: positive,
  metrics: { accuracy: 0.8975, balanced_accuracy: 0.8975, precision: 180 / 201, recall: 0.9, f1: 0.9, log_loss: 0.33 },
};
const judge = (policy: object) => judgePerformance(evaluation, performancePolicy.parse(policy));

test("a bound on the interval's end is stricter than one on the value", () => {
  expect(judge({ accuracy: { min: 0.88 } })).toMatchObject([{ outcome: "pass" }]);
  const [result] = judge({ accuracy: { min: 0.88, confidence: 0.95 } });
  expect(result).toMatchObject({
    check: "performance.accuracy",
    outcome: "fail",
    value: 0.8975,
    bound: 0.88,
    relation: ">=",
    confidence: 0.95,
    detail:
      "accuracy 0.8975, lower bound at 95 % 0.863897 < 0.88 required; about 2,400 rows would confirm it in 80 % of cases",
    why: "Wilson score interval of 359 of 400 rows",
  });
  expect(judge({ accuracy: { min: 0, max: 0.9, confidence: 0.95 } })[1]?.detail).toBe(
    "accuracy 0.8975, upper bound at 95 % 0.923541 > 0.90 allowed; about 120,000 rows would confirm it in 80 % of cases",
  );
});

test("Wilson's interval uses the rows of the proportion's denominator", () => {
  const whys = judge({ precision: { min: 0, confidence: 0.9 }, recall: { min: 0, confidence: 0.9 } }).map(
    ({ why }) => why,
  );
  expect(whys).toEqual(["Wilson score interval of 180 of 201 rows", "Wilson score interval of 180 of 200 rows"]);
});

test("draws confusion matrices for metrics that are not proportions, reproducibly, and explains the method", () => {
  const [once, again] = [judge({ f1: { min: 0.5, confidence: 0.95 } }), judge({ f1: { min: 0.5, confidence: 0.95 } })];
  expect(once).toEqual(again);
  expect(once[0]?.why).toBe("posterior of the confusion matrix with Jeffreys' prior, 2000 draws, seed 42");
  const [low = 0, high = 0] = once[0]?.interval ?? [];
  // The interval is about 1.96 standard errors wide on each side: 0.015 for 400 rows at 0.9.
  expect(low).toBeGreaterThan(0.85);
  expect(low).toBeLessThan(0.885);
  expect(high).toBeGreaterThan(0.91);
  expect(high).toBeLessThan(0.94);
});

test("compares a value with both bounds, and marks an advisory one", () => {
  expect(judge({ f1: { min: 0.8, max: 0.85, level: "advisory" } })).toMatchObject([
    { outcome: "pass", relation: ">=", required: false, detail: "F1 0.90 >= 0.80 required" },
    { outcome: "fail", relation: "<=", required: false, detail: "F1 0.90 > 0.85 allowed" },
  ]);
});

test("a metric that these rows do not define is inconclusive, one that the model lacks fails, and both explain why", () => {
  const oneClass = { ...evaluation, labels: new Int32Array(400) };
  expect(judgePerformance(oneClass, { rocAuc: { min: 0 } })[0]).toMatchObject({
    outcome: "inconclusive",
    detail: "ROC AUC is not defined: the snapshot has rows of one class only",
  });
  const { positive: _, scores: __, ...labelsOnly } = evaluation;
  const unsure = { ...labelsOnly, metrics: evaluationWith(1).metrics, without };
  expect(judgePerformance(unsure, { logLoss: { max: 9 } })[0]?.detail).toBe(
    "log loss is not defined: the model returns no probabilities",
  );
});

test.each([
  [{ logLoss: { max: 1.5 } }, undefined],
  [{ brier: { max: 2.5 } }, "must be between 0 and 2"],
  [{ f1: { max: 1.5 } }, "must be between 0 and 1"],
  [{ mcc: { min: -0.5 } }, undefined],
  [{ r2: { min: 1.5 } }, "must be at most 1"],
  [{ meanError: { max: 1 } }, "must have min and max"],
  [{ precisionAtRecall: { recall: 0.9, min: 0.6 } }, undefined],
  [{ precisionAtRecall: { min: 0.6 } }, "recall"],
  [{ maxError: { max: 3 } }, undefined],
  [{ maxError: { max: 3, confidence: 0.95 } }, "remove it, or set a bound for rmse, mae, medianAe, mape"],
  [{ targets: { price: { maxError: { max: 3, confidence: 0.95 } } } }, "it has no valid interval"],
  [
    { precisionAtRecall: { recall: 0.9, min: 0.6, confidence: 0.9 } },
    "remove it, or set a bound for rocAuc, prAuc or ks",
  ],
  [{ recallAtPrecision: { precision: 0.9, min: 0.6, confidence: 0.9 } }, "rocAuc, prAuc or ks"],
  [{ precisionAtK: { k: 10, min: 0.6, confidence: 0.9 } }, "rocAuc, prAuc or ks"],
  [{ classes: { gentoo: {} } }, "must name a metric"],
  [{ accuracy: { confidence: 0.9 } }, "must have min or max"],
  [{ accuracy: { min: 0.5, confidence: 95 } }, "must be between 0 and 1, such as 0.95"],
  [{ accuracy: { min: 0.5, level: "optional" } }, "must be required or advisory"],
])("the policy %j: %s", (policy, message) => {
  const parsed = performancePolicy.safeParse(policy);
  if (message === undefined) expect(parsed.success).toBe(true);
  else expect(parsed.error?.message).toContain(message);
});

test.each([
  { pinball: { quantile: 0.5, target: "q50", max: 1 } },
  { coverage: { lower: "a", upper: "q95", min: 0.8, max: 1 } },
  { coverage: { lower: "q05", upper: "a", min: 0.8, max: 1 } },
  { targets: { q50: { rmse: { max: 1 } } } },
])("an unknown target fails and lists the model's targets: %j", (policy) => {
  const rows = randomRows.regression(20);
  const regression = { ...rows, sumError: 0, samples: [], metrics: metricsOf(rows) };
  const results = judgePerformance(regression, performancePolicy.parse(policy));
  expect(results).toMatchObject([
    {
      outcome: "fail",
      detail: expect.stringMatching(
        /^performance\.(pinball|coverage|targets\.q50\.rmse): target q(05|50|95) does not exist; the targets are a, b$/,
      ),
    },
  ]);
});

const zeros = {
  task: "regression" as const,
  rows: 4,
  targets: ["y"],
  metrics: {},
  sumError: 0,
  samples: [],
  truth: Float64Array.of(0, 0, 10, 20),
};
const mape = (predicted: Float64Array, weights?: Float64Array) =>
  judgePerformance(
    { ...zeros, predicted, ...(weights && { weights }) },
    performancePolicy.parse({ mape: { max: 0.2 } }),
  )[0];

test("a truth of 0 enters the percentage error as in scikit-learn, and the check warns about it", () => {
  const wrong = mape(Float64Array.of(1, 0, 10, 20));
  // mean_absolute_percentage_error([0, 0, 10, 20], [1, 0, 10, 20]) is 1125899906842624.
  expect(wrong).toMatchObject({ outcome: "fail", value: 2 ** 50 });
  expect(wrong?.detail).toMatch(
    /; 1 truth is 0, which scikit-learn and the gate divide by as 2\^-52: bound smape or mae instead$/,
  );
  const exact = mape(Float64Array.of(0, 0, 11, 20));
  expect(exact).toMatchObject({ outcome: "pass", value: 0.025 });
  expect(exact?.detail).not.toContain("truth");
  // A row of weight 0 is ignored.
  expect(mape(Float64Array.of(1, 0, 10, 20), Float64Array.of(0, 1, 1, 1))?.detail).not.toContain("truth");
});

test("the recall of a class named macro is not the macro recall", () => {
  const rows = { ...randomRows.multiclass(60), classes: ["macro", "ovr", "x", "y"] };
  const named = { ...rows, metrics: metricsOf(rows), sumError: 0, samples: [] };
  const policy = performancePolicy.parse({
    macroRecall: { min: 0 },
    rocAucOvr: { min: 0 },
    classes: { macro: { recall: { min: 0 } }, ovr: { rocAuc: { min: 0 } } },
  });
  const values = Object.fromEntries(judgePerformance(named, policy).map(({ check, value }) => [check, value]));
  const own = { ...named, classes: ["c0", "c1", "x", "y"] };
  const renamed = performancePolicy.parse({ classes: { c0: { recall: { min: 0 } }, c1: { rocAuc: { min: 0 } } } });
  const [recall, area] = judgePerformance(own, renamed).map(({ value }) => value);
  expect(values["performance.classes.macro.recall"]).toBe(recall);
  expect(values["performance.classes.ovr.rocAuc"]).toBe(area);
  expect(values["performance.macroRecall"]).not.toBe(recall);
});

test("too few rows for an interval: the detail says if the value misses its bound anyway", () => {
  const few = (low: number) => {
    const policy = performancePolicy.parse({ balancedAccuracy: { min: low, confidence: 0.95 } });
    const rows = 4;
    const small: BinaryEvaluation = {
      ...evaluation,
      rows,
      labels: labels.slice(0, rows),
      predicted: labels.slice(0, rows),
      positive: positive.slice(0, rows),
      scores: positive.slice(0, rows),
      metrics: { accuracy: 0.5, balanced_accuracy: 0.5 },
    };
    return judgePerformance(small, policy)[0];
  };
  expect(few(0.4)).toMatchObject({
    outcome: "inconclusive",
    detail: expect.stringMatching(/^balanced accuracy 0\.50: too few rows/),
  });
  expect(few(0.9)).toMatchObject({
    outcome: "inconclusive",
    detail: expect.stringMatching(/^balanced accuracy 0\.50 < 0\.90 required: too few rows/),
  });
});
