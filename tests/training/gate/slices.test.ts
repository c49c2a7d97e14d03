import { expect, test } from "vitest";
import { slicesPolicy } from "../../../training/gate/checks/slice-policy.ts";
import { groupsOf } from "../../../training/gate/groups.ts";
import { toSnapshot } from "../../helpers/number-rows.ts";
import { type BinaryEvaluation, evaluationWith, judgeSlices } from "./evaluation-with.ts";

/** Builds a column `g`, and repeats each row [value of g, label, predicted] the given number of times. */
function rowsOf(...groups: (readonly [g: number, label: number, predicted: number, times: number])[]) {
  const rows = groups.flatMap(([g, label, predicted, times]) =>
    Array.from({ length: times }, () => [g, label, predicted]),
  );
  const at = (index: number) => rows.map((row) => row[index] ?? Number.NaN);
  const labels = Int32Array.from(at(1));
  const snapshot = toSnapshot({
    path: "evaluation.csv",
    md5: "m",
    columns: ["g"],
    labels,
    rows: rows.length,
    features: Float64Array.from(at(0)),
  });
  const evaluation: BinaryEvaluation = {
    ...evaluationWith(1),
    rows: rows.length,
    labels,
    predicted: Int32Array.from(at(2)),
  };
  return { snapshot, evaluation };
}

/** Group 0: 50 rows, 40 correct, selects 20, TPR 20/30, FPR 0. Group 1: 40 rows, 30 correct, selects 30, TPR 1, FPR 10/20. */
const SCENE = rowsOf([0, 1, 1, 20], [0, 1, 0, 10], [0, 0, 0, 20], [1, 1, 1, 20], [1, 0, 1, 10], [1, 0, 0, 10]);
const judge = (terms: object, { snapshot, evaluation } = SCENE) =>
  judgeSlices(evaluation, snapshot, slicesPolicy.parse({ s: { column: "g", ...terms } }));

test("uses the worst group's accuracy, and names the group", () => {
  const [result] = judge({ accuracy: { min: 0.8 } }).results;
  expect(result).toMatchObject({ check: "slices.s.accuracy", outcome: "fail", value: 0.75, bound: 0.8 });
  expect(result?.detail).toBe("accuracy of s where g = 1 0.75 < 0.80 required");
});

test("with confidence, compares the lowest Wilson bound of any group with the bound", () => {
  const [result] = judge({ accuracy: { min: 0.7, confidence: 0.95 } }).results;
  expect(result).toMatchObject({ outcome: "fail", value: 0.75, confidence: 0.95 });
  expect(result?.interval?.[0]).toBeCloseTo(0.598, 3);
});

test("differences equal fairlearn's: selection rates, and the larger of TPR and FPR", () => {
  const { results } = judge({ minSize: 20, demographicParity: { max: 0.3 }, equalizedOdds: { max: 0.5 } });
  expect(results.map(({ outcome, value }) => [outcome, Number(value?.toFixed(6))])).toEqual([
    ["fail", Number((30 / 40 - 20 / 50).toFixed(6))],
    ["pass", 0.5],
  ]);
});

test("reports rates and sizes of every group, including small ones", () => {
  const { facts } = judge({ minSize: 45, accuracy: { min: 0 } });
  expect(facts.slices[0]?.groups).toMatchObject([
    {
      name: "g = 0",
      rows: 50,
      small: false,
      accuracy: 0.8,
      selectionRate: 0.4,
      truePositiveRate: 2 / 3,
      falsePositiveRate: 0,
    },
    { name: "g = 1", rows: 40, small: true, truePositiveRate: 1, falsePositiveRate: 0.5 },
  ]);
});

test("a small group makes a pass inconclusive, but not a failure", () => {
  expect(judge({ minSize: 45, accuracy: { min: 0.7 } }).results[0]).toMatchObject({
    outcome: "inconclusive",
    detail:
      "accuracy of s: only 40 rows where g = 1, but minSize is 45 (the other groups pass: accuracy of s where g = 0 0.80 >= 0.70 required). Lower minSize, or set inconclusive: pass",
  });
  const advisory = judge({ minSize: 45, accuracy: { min: 0.7, level: "advisory" } });
  expect(advisory.results[0]?.detail).toMatch(/required\)\. Lower minSize$/);
  expect(judge({ minSize: 45, accuracy: { min: 0.9 } }).results[0]).toMatchObject({ outcome: "fail" });
  expect(judge({ minSize: 60, accuracy: { min: 0.9 } }).results[0]).toMatchObject({ outcome: "inconclusive" });
});

test("a missing column, or one with too many values, fails with a remedy", () => {
  const many = rowsOf(...Array.from({ length: 21 }, (_, g) => [g, 1, 1, 1] as const));
  expect(judge({ accuracy: { min: 0.5 } }, many).results[0]?.detail).toContain(
    "more than 20 values: set cuts or quantiles",
  );
  const missing = judgeSlices(SCENE.evaluation, SCENE.snapshot, {
    s: { column: "x", equalizedOdds: { max: 1, level: "advisory" } },
  });
  expect(missing.results).toMatchObject([
    {
      check: "slices.s.equalizedOdds",
      outcome: "fail",
      required: false,
      detail: "slices.s: evaluation.csv has no column x: it has g",
    },
  ]);
});

test("a single group, or groups without rows of the class, have no difference", () => {
  const terms = { demographicParity: { max: 1 }, equalizedOdds: { max: 1 } };
  const [parity, odds] = judge(terms, rowsOf([0, 1, 1, 40], [0, 0, 0, 40])).results;
  expect(parity).toMatchObject({
    outcome: "inconclusive",
    detail: "demographic parity difference of s: only one of its groups has enough rows",
  });
  expect(odds).toMatchObject({
    outcome: "inconclusive",
    detail: "equalized odds difference of s: only one of its groups has enough positive rows",
  });
  // No row of class 1 in group 1: true positive rates cannot be compared, false positive rates can.
  const half = rowsOf([0, 1, 1, 30], [0, 0, 0, 30], [1, 0, 1, 20], [1, 0, 0, 20]);
  expect(judge({ equalizedOdds: { max: 0.5 } }, half).results[0]).toMatchObject({
    outcome: "inconclusive",
    detail:
      "equalized odds difference of s: only one of its groups has enough positive rows (too few rows: 0 positive rows where g = 1; minSize is 30)",
  });
  expect(judge({ equalizedOdds: { max: 0.4 } }, half).results[0]).toMatchObject({ outcome: "fail", value: 0.5 });
});

test("splits rows at cuts and at quantiles", () => {
  const { snapshot } = rowsOf([1, 0, 0, 2], [2, 0, 0, 2], [3, 0, 0, 2], [4, 0, 0, 2]);
  const sizes = (grouping: object) => {
    const groups = groupsOf(snapshot, { column: "g", ...grouping });
    return typeof groups === "string" ? groups : groups.map(({ name, rows }) => [name, rows.length]);
  };
  expect(sizes({ cuts: [3, 0] })).toEqual([
    ["g <= 0", 0],
    ["0 < g <= 3", 6],
    ["g > 3", 2],
  ]);
  expect(sizes({ quantiles: 2 })).toEqual([
    ["g <= 2.5", 4],
    ["g > 2.5", 4],
  ]);
});

test.each([
  [{ accuracy: { min: 0.5 }, cuts: [1], quantiles: 2 }, "must have only one of cuts, quantiles and categories"],
  [{}, "must have at least one of accuracy, macroRecall, accuracyDifference"],
  [{ accuracy: { min: 2 } }, "must be between 0 and 1"],
])("rejects the slice %j", (terms, message) => {
  expect(() => slicesPolicy.parse({ s: { column: "g", ...terms } })).toThrow(message);
});

test("minSize counts the rows in the rate's denominator", () => {
  // Group 1 has 40 rows, 20 of them of class 0 and 30 predicted positive.
  const { results, facts } = judge({
    minSize: 25,
    demographicParity: { max: 1 },
    truePositiveRateDifference: { max: 1 },
    falsePositiveRateDifference: { max: 1 },
    precisionDifference: { max: 1, level: "advisory" },
  });
  expect(results.map(({ check, outcome, detail }) => [check, outcome, detail.replace(/^[^(]*/, "")])).toEqual([
    ["slices.s.demographicParity", "pass", ""],
    [
      "slices.s.truePositiveRateDifference",
      "inconclusive",
      "(too few rows: 20 positive rows where g = 1; minSize is 25)",
    ],
    [
      "slices.s.falsePositiveRateDifference",
      "inconclusive",
      "(too few rows: 20 negative rows where g = 0, 20 negative rows where g = 1; minSize is 25)",
    ],
    [
      "slices.s.precisionDifference",
      "inconclusive",
      "(too few rows: 20 rows predicted positive where g = 0; minSize is 25)",
    ],
  ]);
  expect(facts.slices[0]?.dropped).toEqual([
    { group: "g = 1", why: "has 20 positive rows" },
    { group: "g = 0", why: "has 20 negative rows" },
    { group: "g = 1", why: "has 20 negative rows" },
    { group: "g = 0", why: "has 20 rows predicted positive" },
  ]);
  expect(facts.slices[0]?.groups[1]?.rates).toMatchObject({
    precision: { value: 20 / 30, rows: 30 },
    accuracy: { rows: 40 },
  });
});

test("rates are weighted, rows of weight 0 are ignored, and an interval has fewer effective rows", () => {
  const weights = Float64Array.from({ length: 90 }, (_, row) => (row < 20 ? 3 : row < 30 ? 0 : 1));
  const weighted = { snapshot: SCENE.snapshot, evaluation: { ...SCENE.evaluation, weights } };
  const { results, facts } = judge({ minSize: 30, accuracy: { min: 0.5, confidence: 0.95 } }, weighted);
  expect(facts.slices[0]?.groups[0]).toMatchObject({ rows: 40, accuracy: 1, selectionRate: 60 / 80 });
  expect(facts.slices[0]?.groups[0]?.rates?.accuracy?.effectiveRows).toBeCloseTo(80 ** 2 / 200, 9);
  expect(results[0]).toMatchObject({ value: 0.75, detail: expect.stringContaining("where g = 1") });
});
