import { expect, test } from "vitest";
import { baselineDetails, baselinePolicy, judgeBaseline } from "../../../training/gate/checks/baseline.ts";
import type { Evaluation } from "../../../training/gate/evaluation.ts";
import type { AnsweredRows } from "../../../training/gate/metrics/answered-rows.ts";
import { baselineMetrics, baselineRows } from "../../../training/gate/metrics/baselines.ts";
import { METRICS, metricKeysOf } from "../../../training/gate/metrics/metric-table.ts";
import { metricsOf } from "../../../training/gate/metrics/metrics-of.ts";
import { judgeFamily } from "../../../training/gate/multiplicity.ts";
import { parsePolicy } from "../../../training/gate/policy.ts";
import { randomRows, repeatRows } from "./metrics/random-rows.ts";

const evaluated = (rows: AnsweredRows): Evaluation => ({ ...rows, sumError: 0, samples: [], metrics: metricsOf(rows) });
const judge = (rows: AnsweredRows, policy: object) => judgeBaseline(evaluated(rows), baselinePolicy.parse(policy));

const good = {
  binary: randomRows.binary(1_000),
  multiclass: randomRows.multiclass(1_000),
  regression: randomRows.regression(1_000),
};

test("a trained model beats the baseline by the margin, in every task", () => {
  const [accuracy, area] = judge(good.binary, { accuracy: { margin: 0.05 }, rocAuc: { margin: 0.1 } });
  const shares = Array.from(good.binary.labels).reduce((sum, label) => sum + label, 0) / 1_000;
  expect(accuracy).toMatchObject({
    check: "baseline.accuracy",
    group: "baseline",
    outcome: "pass",
    bound: 0.05,
    relation: ">=",
    required: true,
    why: expect.stringContaining("only the baseline on"),
  });
  const own = evaluated(good.binary).metrics.accuracy as number;
  expect(accuracy?.value).toBeCloseTo(own - Math.max(shares, 1 - shares), 12);
  expect(accuracy?.detail).toContain("for the most frequent class, 95 % interval");
  expect(accuracy?.detail).toContain("better by 0.05");
  expect(area).toMatchObject({
    outcome: "pass",
    detail: expect.stringContaining("than 0.50 for the class frequencies"),
  });
  expect(judge(good.multiclass, { logLoss: { margin: 0 }, macroF1: { margin: 0 } })).toMatchObject([
    { check: "baseline.logLoss", outcome: "pass" },
    { check: "baseline.macroF1", outcome: "pass" },
  ]);
  // The truth has a standard deviation of 3, the errors of 1.
  expect(judge(good.regression, { rmse: { margin: 1.5 }, mae: { margin: 1 }, r2: { margin: 0.5 } })).toMatchObject([
    { outcome: "pass", detail: expect.stringContaining("for the mean") },
    { outcome: "pass", detail: expect.stringContaining("for the median") },
    { outcome: "pass" },
  ]);
});

test("a model that is better by less than the margin fails, and few rows are inconclusive", () => {
  expect(judge(good.regression, { rmse: { margin: 2.5 } })[0]).toMatchObject({
    outcome: "fail",
    detail: expect.stringContaining("not better by 2.50"),
  });
  const few = judge(randomRows.binary(60), { accuracy: { margin: 0.1 } })[0];
  expect(few).toMatchObject({
    outcome: "inconclusive",
    detail: expect.stringMatching(/too few rows to tell whether it is better by 0.10$/),
  });
  const [result] = judge(good.binary, { accuracy: { margin: 0.05, level: "advisory" } });
  expect(result?.required).toBe(false);
});

test("an inconclusive comparison estimates how many rows would detect the difference", () => {
  const rows = randomRows.binary(60, 3);
  const [result] = judge(rows, { accuracy: { margin: 0.1 } });
  expect(result?.outcome).toBe("inconclusive");
  expect(result?.value as number).toBeGreaterThan(0.1);
  expect(result?.detail).toMatch(/about 310 rows would detect a difference this large in 80 % of cases$/);
});

test("a constant model is reported as such, and fails with any margin", () => {
  for (const rows of Object.values(good)) {
    const constant = baselineRows(rows);
    const key = rows.task === "regression" ? "rmse" : "accuracy";
    const results = judge(constant, { [key]: { margin: 0 } });
    expect(results[0]).toEqual({
      check: "baseline.constant",
      group: "baseline",
      outcome: "fail",
      required: true,
      detail: "the model predicts the same for every row",
    });
    expect(results[1]?.outcome).not.toBe("pass");
    expect(baselineDetails(evaluated(constant))).toMatchObject({ constant: true });
    expect(baselineDetails(evaluated(rows))).not.toHaveProperty("constant");
  }
});

test("rows of one class, or a constant target, are inconclusive", () => {
  const oneClass = { ...good.binary, labels: new Int32Array(1_000) };
  expect(judge(oneClass, { accuracy: { margin: 0 }, logLoss: { margin: 0 } })).toMatchObject([
    {
      outcome: "inconclusive",
      detail: "accuracy cannot be compared with the most frequent class: the snapshot has rows of one class only",
    },
    { outcome: "inconclusive" },
  ]);
  const flat = { ...good.regression, truth: new Float64Array(2_000).fill(3) };
  expect(judge(flat, { rmse: { margin: 0 } })).toMatchObject([{ outcome: "inconclusive" }]);
});

test("a metric that the task or the model lacks fails", () => {
  expect(judge(good.binary, { rmse: { margin: 0 } })[0]).toMatchObject({
    outcome: "fail",
    detail: "RMSE is not defined for the task binary: it is a metric for regression",
  });
});

test("its metrics equal the metrics of its rows, with and without weights", () => {
  const random = (length: number) => Float64Array.from({ length }, (_, row) => (row * 7) % 4);
  for (const rows of [randomRows.binary(50), randomRows.multiclass(50), randomRows.regression(50)]) {
    const weights = random(50);
    for (const [found, expanded] of [
      [baselineMetrics(rows), rows],
      [baselineMetrics(rows, weights), repeatRows(rows, weights)],
    ] as const) {
      const keys = metricKeysOf(rows.task);
      for (const key of keys) {
        const { metric, constant } = { constant: undefined, ...METRICS[key] };
        const expected = METRICS[key].of(baselineRows(expanded, constant))?.();
        if (expected === undefined || Number.isNaN(expected)) expect(found).not.toHaveProperty(metric);
        else expect(found[metric], `${rows.task} ${key}`).toBeCloseTo(expected, 9);
      }
    }
  }
});

test("comparisons with the baseline belong to the family of checks with confidence", async () => {
  const evaluation = evaluated(good.binary);
  const policy = parsePolicy(
    { multiplicity: "holm", baseline: { accuracy: { margin: 0.01 }, rocAuc: { margin: 0.01 } } },
    "p",
  );
  const { results, familywise } = await judgeFamily(policy, async (terms) =>
    terms.baseline ? judgeBaseline(evaluation, terms.baseline) : [],
  );
  expect(familywise).toMatchObject({ checks: 2, multiplicity: "holm" });
  expect(results.map(({ outcome }) => outcome)).toEqual(["pass", "pass"]);
});

test.each([
  [{}, "must name at least one metric, such as accuracy"],
  [{ accuracy: { margin: -0.1 } }, "baseline.accuracy.margin must not be negative"],
  [{ accuracy: { confidence: 0.9 } }, "baseline.accuracy.margin is missing"],
  [
    { calibrationError: { margin: 0 } },
    "baseline.calibrationError cannot be compared with the baseline: the class frequencies",
  ],
  [{ maxError: { margin: 0 } }, "baseline.maxError is not supported: a few rows decide this metric"],
  [{ acuracy: { margin: 0 } }, "The nearest is baseline.accuracy"],
])("rejects the policy %j", (baseline, message) => {
  expect(() => parsePolicy({ baseline }, "gate")).toThrow(message);
});
