import { describe, expect, test } from "vitest";
import { judgePredictions } from "../../../training/gate/checks/predictions.ts";
import type { EvaluationDetails } from "../../../training/gate/evaluation.ts";
import type { RegressionRows } from "../../../training/gate/metrics/answered-rows.ts";
import { parsePolicy } from "../../../training/gate/policy.ts";
import { type BinaryEvaluation, evaluationWith } from "./evaluation-with.ts";

const details = { sumError: 0, metrics: {}, samples: [] };
const binary = (predicted: readonly number[], weights?: readonly number[]): BinaryEvaluation => ({
  ...evaluationWith(1),
  rows: predicted.length,
  labels: Int32Array.from(predicted),
  predicted: Int32Array.from(predicted),
  ...(weights && { weights: Float64Array.from(weights) }),
});
const regression = (...predicted: number[]): RegressionRows & EvaluationDetails => ({
  task: "regression",
  rows: predicted.length / 2,
  targets: ["low", "high"],
  truth: new Float64Array(predicted.length),
  predicted: Float64Array.from(predicted),
  ...details,
});
const outcomes = (results: ReturnType<typeof judgePredictions>) =>
  results.map(({ check, outcome, value, bound }) => [check, outcome, value, bound]);

describe("the share predicted positive", () => {
  test("is compared with both ends", () => {
    const found = judgePredictions(binary([1, 0, 0, 0]), { positiveShare: { min: 0.3, max: 0.3 } });
    expect(outcomes(found)).toEqual([
      ["predictions.positiveShare", "fail", 0.25, 0.3],
      ["predictions.positiveShare", "pass", 0.25, 0.3],
    ]);
    expect(found[0]?.detail).toBe("share of rows predicted positive 0.25 < 0.30 required");
  });

  test("counts rows by their weight", () => {
    const found = judgePredictions(binary([1, 0, 0], [2, 1, 1]), { positiveShare: { max: 0.5 } });
    expect(outcomes(found)).toEqual([["predictions.positiveShare", "pass", 0.5, 0.5]]);
  });

  test("fails for a regressor, and for a detector without labels", () => {
    const terms = { positiveShare: { max: 0.5, level: "advisory" } } as const;
    expect(judgePredictions(regression(1, 2), terms)).toEqual([
      expect.objectContaining({ outcome: "fail", required: false, detail: expect.stringContaining("not regression") }),
    ]);
    const unlabelled = { ...binary([0, 0]), anomaly: { scores: "high", unlabelled: true } } as const;
    expect(judgePredictions(unlabelled, terms)[0]?.detail).toContain("is not defined");
  });
});

describe("the range of predicted values", () => {
  test("covers all targets", () => {
    const found = judgePredictions(regression(0, 4, -0.5, 9), { value: { min: 0, max: 10 } });
    expect(outcomes(found)).toEqual([
      ["predictions.value", "fail", -0.5, 0],
      ["predictions.value", "pass", 9, 10],
    ]);
    expect(found[0]?.detail).toBe("lowest predicted value -0.50 < 0.00 required");
  });

  test("fails for a classifier", () => {
    expect(judgePredictions(binary([1]), { value: { min: 0 } })[0]?.detail).toContain("not binary");
  });
});

test.each([
  [{ positiveShare: { max: 20 } }, "20 % is 0.2|shares are written from 0 to 1"],
  [{ positiveShare: {} }, "must have min or max"],
  [{ value: { min: 2, max: 1 } }, 'must not have a min above its max, got {"min":2,"max":1}: no model could pass'],
  [{}, "must have positiveShare or value"],
  [{ values: { min: 2 } }, "value"],
])("the policy %j is rejected", (predictions, message) => {
  expect(() => parsePolicy({ predictions }, "policy.yaml")).toThrow(new RegExp(message));
});

test.each([
  ["regression", { positiveShare: { max: 0.2 } }, "predictions.positiveShare requires gate.task: binary or anomaly"],
  ["multiclass", { positiveShare: { max: 0.2 } }, "predictions.positiveShare requires gate.task: binary or anomaly"],
  ["anomaly", { value: { max: 2 } }, "predictions.value requires gate.task: regression"],
])("the policy of a %s is rejected before training: %j", (task, predictions, message) => {
  expect(() => parsePolicy({ task, predictions }, "policy.yaml")).toThrow(message);
});

test("a detector may bound its share of anomalies", () => {
  const policy = { task: "anomaly", anomalyScores: "high", predictions: { positiveShare: { max: 0.02 } } };
  expect(parsePolicy(policy, "policy.yaml")).toEqual(policy);
});
