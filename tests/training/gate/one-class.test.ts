import { describe, expect, test } from "vitest";
import { championPolicy, judgeChampion } from "../../../training/gate/checks/champion.ts";
import { performancePolicy } from "../../../training/gate/checks/metric-policy.ts";
import { judgePerformance } from "../../../training/gate/checks/performance.ts";
import { slicesPolicy } from "../../../training/gate/checks/slice-policy.ts";
import type { Evaluation } from "../../../training/gate/evaluation.ts";
import type { AnsweredRows } from "../../../training/gate/metrics/answered-rows.ts";
import type { MetricFamilyKey, MetricKey } from "../../../training/gate/metrics/metric-table.ts";
import { METRIC_FAMILIES, METRICS, metricKeys } from "../../../training/gate/metrics/metric-table.ts";
import { metricsOf } from "../../../training/gate/metrics/metrics-of.ts";
import { judgeSlices } from "./evaluation-with.ts";
import { randomRows } from "./metrics/random-rows.ts";

const ROWS = 200;
const evaluated = (rows: AnsweredRows, weights?: Float64Array): Evaluation => ({
  ...rows,
  sumError: 0,
  samples: [],
  metrics: metricsOf(rows, weights),
  ...(weights && { weights }),
});

const two = randomRows.binary(ROWS);
const many = randomRows.multiclass(ROWS);
const one = randomRows.regression(ROWS);
const SNAPSHOTS = {
  "rows of class 0 only": evaluated({ ...two, labels: new Int32Array(ROWS) }),
  "rows of class 1 only": evaluated({ ...two, labels: new Int32Array(ROWS).fill(1) }),
  "rows of one class of four": evaluated({ ...many, labels: new Int32Array(ROWS).fill(2) }),
  "one class but for rows without weight": evaluated(
    two,
    Float64Array.from(two.labels, (label) => (label === 1 ? 0 : 2)),
  ),
  "a constant target": evaluated({ ...one, truth: new Float64Array(one.truth.length).fill(7) }),
} as const;
type Name = keyof typeof SNAPSHOTS;

/** Metrics that these rows define. All others compare classes, or a target's values. */
const DECIDED: Readonly<Record<Name, readonly (MetricKey | MetricFamilyKey)[]>> = {
  "rows of class 0 only": ["accuracy", "specificity", "logLoss", "brier", "calibrationError", "expectedCost"],
  "rows of class 1 only": ["accuracy", "recall", "logLoss", "brier", "calibrationError", "expectedCost"],
  "one class but for rows without weight": [
    ...(["accuracy", "specificity", "logLoss", "brier", "calibrationError", "expectedCost"] as const),
  ],
  "rows of one class of four": [
    ...(["accuracy", "logLoss", "brier", "calibrationError", "topK"] as const),
    ...(["microPrecision", "microRecall", "microF1", "weightedRecall"] as const),
  ],
  "a constant target": [
    ...([
      "rmse",
      "mae",
      "medianAe",
      "maxError",
      "mape",
      "smape",
      "msle",
      "rmsle",
      "meanError",
      "pinball",
      "coverage",
    ] as const),
  ],
};

const PARAMETERS: Readonly<Record<MetricFamilyKey, object>> = {
  precisionAtRecall: { recall: 0.5 },
  recallAtPrecision: { precision: 0.5 },
  precisionAtK: { k: 10 },
  expectedCost: { falsePositive: 1, falseNegative: 2 },
  topK: { k: 2 },
  pinball: { quantile: 0.5 },
  coverage: { lower: "a", upper: "b" },
};

const families = Object.keys(METRIC_FAMILIES) as MetricFamilyKey[];
const ofTask = (evaluation: Evaluation) =>
  [...metricKeys, ...families].filter((key) =>
    (key in METRICS ? METRICS[key as MetricKey] : METRIC_FAMILIES[key as MetricFamilyKey]).tasks.includes(
      evaluation.task,
    ),
  );

/** Families whose values are not ratios. */
const WIDE = { expectedCost: true, pinball: true };

/** Every value meets these bounds. */
const boundsOf = (key: string): object[] => {
  const parameters = PARAMETERS[key as MetricFamilyKey] ?? {};
  const [low, high] = key in METRICS ? METRICS[key as MetricKey].range : key in WIDE ? [0, 1e6] : [0, 1];
  const most = key in METRICS && "openShare" in METRICS[key as MetricKey] ? 10 : 1e6;
  const [min, max] = [Number.isFinite(low) ? low : -1e6, Number.isFinite(high) ? high : most];
  return [{ ...parameters, min, max }];
};

describe.each(Object.keys(SNAPSHOTS) as Name[])("%s", (name) => {
  const evaluation = SNAPSHOTS[name];
  const keys = ofTask(evaluation);

  test("decides the metrics that these rows define; all others are inconclusive with a reason", () => {
    const outcomes = keys.map((key) => {
      const results = boundsOf(key).flatMap((terms) =>
        judgePerformance(evaluation, performancePolicy.parse({ [key]: terms })),
      );
      for (const { outcome, detail } of results)
        if (outcome === "inconclusive")
          expect(detail).toMatch(
            /is not defined: the snapshot('s a has the same value in every row| has (rows|no rows) of)/,
          );
      return [key, [...new Set(results.map(({ outcome }) => outcome))].join()];
    });
    const expected = keys.map((key) => [key, DECIDED[name].includes(key) ? "pass" : "inconclusive"]);
    expect(outcomes).toEqual(expected);
  });

  test("comparisons with the champion that these rows cannot decide are inconclusive", () => {
    for (const key of keys.filter((key) => key in METRICS && key !== "maxError")) {
      const policy = championPolicy.parse({
        first: "fail",
        [key]: { margin: Number.isFinite(METRICS[key as MetricKey].range[1]) ? 0.9 : 1e6 },
      });
      const [result] = judgeChampion(evaluation, { version: "1", sha256: "s", evaluation }, policy);
      if (!DECIDED[name].includes(key)) expect(result?.outcome, `${key}: ${result?.detail}`).toBe("inconclusive");
    }
  });
});

test("a class without rows is inconclusive, and the others are judged", () => {
  const labels = many.labels.map((label) => (label === 3 ? 2 : label));
  const evaluation = evaluated({ ...many, labels });
  const judge = (policy: object) =>
    judgePerformance(evaluation, performancePolicy.parse(policy)).map(({ outcome, detail }) => [outcome, detail]);
  const details = judge({
    rocAucOvr: { min: 0 },
    rocAucOvo: { min: 0 },
    classes: { c0: { recall: { min: 0 } }, c3: { recall: { min: 0 }, precision: { min: 0 }, specificity: { min: 0 } } },
  });
  expect(details.slice(0, 2)).toEqual([
    ["inconclusive", "ROC AUC, one class against the rest is not defined: the snapshot has no rows of class c3"],
    ["pass", expect.stringContaining("ROC AUC, one class against one")],
  ]);
  expect(details.slice(2)).toEqual([
    ["pass", expect.stringContaining("recall of c0")],
    ["inconclusive", "precision of c3 is not defined: the snapshot has no rows of class c3"],
    ["inconclusive", "recall of c3 is not defined: the snapshot has no rows of class c3"],
    ["pass", expect.stringContaining("specificity of c3")],
  ]);
});

test("rows of weight 0 are inconclusive", () => {
  const weightless = evaluated(two, new Float64Array(ROWS));
  const policy = performancePolicy.parse({ accuracy: { min: 0 }, rocAuc: { min: 0 }, logLoss: { max: 99 } });
  for (const { outcome, detail } of judgePerformance(weightless, policy))
    expect([outcome, detail]).toEqual([
      "inconclusive",
      expect.stringContaining("no row of the snapshot has a positive weight"),
    ]);
});

test("a metric that more rows would define is inconclusive; otherwise it fails", () => {
  const judge = (evaluation: Evaluation, policy: object) =>
    judgePerformance(evaluation, performancePolicy.parse(policy)).map(({ outcome, detail }) => `${outcome}: ${detail}`);
  expect(judge(evaluated(two), { precisionAtK: { k: 201, min: 0 } })).toEqual([
    "inconclusive: precision of the 201 highest scores is not defined for fewer than 201 rows",
  ]);
  expect(judge(evaluated(many), { topK: { k: 4, min: 0 } })).toEqual([
    "fail: top-4 accuracy is not defined for 4 classes or fewer",
  ]);
  const negative = evaluated({ ...one, predicted: one.predicted.map(() => -2) });
  expect(judge(negative, { msle: { max: 1e6 } })).toEqual([
    "fail: mean squared logarithmic error is not defined for a truth or a prediction of -1 or less",
  ]);
});

test("slices with rows of one class do not compare the other class's rates", () => {
  const table = {
    rows: ROWS,
    fields: [{ name: "group", type: "int32", nullable: false } as const],
    columns: [
      { kind: "number", data: Int32Array.from({ length: ROWS }, (_, row) => row % 2), offset: 0, stride: 1 } as const,
    ],
  };
  const snapshot = { path: "p.csv", md5: "m", rows: ROWS, table, truth: undefined, unfit: new Map() };
  const policy = slicesPolicy.parse({ g: { column: "group", accuracy: { min: 0 }, equalizedOdds: { max: 1 } } });
  const { results } = judgeSlices(SNAPSHOTS["rows of class 0 only"], snapshot, policy);
  expect(results).toMatchObject([
    { check: "slices.g.accuracy", outcome: "pass" },
    {
      check: "slices.g.equalizedOdds",
      outcome: "inconclusive",
      detail: expect.stringContaining("0 positive rows where group = 0"),
    },
  ]);
});
