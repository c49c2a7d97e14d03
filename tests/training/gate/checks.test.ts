import { expect, test } from "vitest";
import { type CheckResult, formatRatio } from "../../../training/gate/check.ts";
import { judgeMetric } from "../../../training/gate/checks/performance.ts";
import { METRICS } from "../../../training/gate/metrics/metric-table.ts";
import { verdictLines } from "../../../training/gate/report.ts";
import { decide } from "../../../training/gate/verdict.ts";
import { evaluationWith } from "./evaluation-with.ts";

test.each([
  [359 / 400, 0.9, false, "accuracy 0.8975 < 0.90 required"],
  [359 / 400, 0.85, true, "accuracy 0.8975 >= 0.85 required"],
  [0.9, 0.9, true, "accuracy 0.90 >= 0.90 required"],
  [1, 1, true, "accuracy 1.00 >= 1.00 required"],
  [0, 0, true, "accuracy 0.00 >= 0.00 required"],
  [1 / 3, 0.5, false, "accuracy 0.333333 < 0.50 required"],
  [0.89999999, 0.9, false, "accuracy 0.89999999 < 0.90 required"],
])("compares an accuracy of %d with %d", (value, min, passed, detail) => {
  expect(judgeMetric("accuracy", METRICS.accuracy, evaluationWith(value), { min })).toEqual([
    {
      check: "accuracy",
      group: "performance",
      outcome: passed ? "pass" : "fail",
      required: true,
      detail,
      value,
      bound: min,
      relation: ">=",
    },
  ]);
});

test("NaN fails every bound", () => {
  expect(judgeMetric("accuracy", METRICS.accuracy, evaluationWith(Number.NaN), { min: 0 })).toMatchObject([
    { outcome: "fail", detail: "accuracy is not defined for these values" },
  ]);
});

test.each([
  [0.9, "0.90"],
  [0.29, "0.29"],
  [0.8975, "0.8975"],
  [0.1 + 0.2, "0.30"],
  [1, "1.00"],
  [123_456_789, "123457000"],
  [8_224_051_234_567, "8.22405e+12"],
  [-5e11, "-5e+11"],
  [Number.POSITIVE_INFINITY, "Infinity"],
])("formats %d as %s", (value, text) => {
  expect(formatRatio(value)).toBe(text);
});

const result = (outcome: CheckResult["outcome"], detail: string, required = true): CheckResult => ({
  check: "x",
  group: "performance",
  outcome,
  detail,
  required,
});
const good = result("pass", "a is good");
const bad = result("fail", "b is bad");
const open = result("inconclusive", "c is open");

test("passes if every required check does, and lists all of them", () => {
  expect(decide([good, result("pass", "d is good")])).toEqual({ verdict: "passed", summary: "a is good; d is good" });
});

test("fails if a required check does, and names only blocking checks", () => {
  expect(decide([good, bad, open, result("fail", "e is bad")])).toEqual({
    verdict: "failed",
    summary: "b is bad; e is bad; inconclusive: c is open",
  });
});

test("an inconclusive required check blocks, unless the policy allows it", () => {
  expect(decide([good, open])).toEqual({ verdict: "inconclusive", summary: "c is open" });
  expect(decide([good, open], "pass")).toEqual({
    verdict: "passed",
    summary: "a is good; inconclusive, allowed by policy: c is open",
  });
  expect(decide([bad, open], "pass")).toMatchObject({ verdict: "failed" });
});

test("an advisory check never blocks but is reported", () => {
  const advice = [result("fail", "x is bad", false), result("inconclusive", "y is open", false)];
  expect(decide([good, ...advice])).toEqual({
    verdict: "passed",
    summary: "a is good; advisory, fail: x is bad; advisory, inconclusive: y is open",
  });
});

test("fails a gate without checks, or without required ones", () => {
  for (const results of [[], [result("pass", "x", false)]])
    expect(decide(results)).toEqual({
      verdict: "failed",
      summary: "no required check ran: the policy needs a bound that is not advisory",
    });
});

test("explains in the terminal why a gate with only advisory bounds fails", () => {
  const report = {
    model: { name: "churn", version: "3" },
    evaluation: { path: "evaluation.csv", rows: 400 },
  };
  const judged = (checks: readonly CheckResult[]) => verdictLines({ ...report, ...decide(checks), checks }, "p.yaml");
  expect(judged([result("pass", "x is good", false)]).split("\n")).toEqual([
    "churn version 3: gate failed on 400 rows of evaluation.csv, with the policy in p.yaml",
    "  pass         x is good (advisory)",
    "  failed       no required check ran: the policy needs a bound that is not advisory",
    "  nothing was written",
  ]);
  expect(judged([good])).not.toContain("no required check");
});
