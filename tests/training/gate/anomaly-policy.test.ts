import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { openPredictor } from "../../../service/predictor/predictor.ts";
import type { AnomalyScores } from "../../../training/gate/metrics/answered-rows.ts";
import { parsePolicy } from "../../../training/gate/policy.ts";
import { expected, FOREST, judged, outcomesOf, rows } from "./detectors.ts";
import { withMetadata } from "./model-copy.ts";

describe("the end of the scores that marks anomalies is never guessed", () => {
  const performance = { rocAuc: { min: 0 } };
  const open = async (prediction: object | undefined, policy: { task?: "anomaly"; anomalyScores?: AnomalyScores }) => {
    await using model = await withMetadata(FOREST, prediction);
    const { checks } = await judged(model.folder, { ...policy, performance });
    return checks.map(({ check, outcome, detail }) => `${check} ${outcome}: ${detail}`);
  };

  test("a model without this declaration cannot run", async () => {
    const [check] = await open(undefined, { task: "anomaly" });
    expect(check).toMatch(
      /^schema\.task fail: .*cannot determine which scores mark an anomaly: set gate\.anomalyScores to low/,
    );
  });

  test("the metadata can declare it, and the task, instead of the policy", async () => {
    const [check, ...more] = await open({ task: "anomaly", anomalyScores: "low" }, {});
    expect(check).toMatch(/^performance\.rocAuc pass: ROC AUC 0\.\d+ >= 0\.00 required/);
    expect(more).toEqual([]);
  });

  test("policy and metadata must agree", async () => {
    expect(await open({ task: "anomaly", anomalyScores: "low" }, { anomalyScores: "high" })).toEqual([
      expect.stringContaining("gate.anomalyScores is high, but MLmodel's metadata.prediction.anomalyScores is low"),
    ]);
    expect(await open({ task: "classification" }, { task: "anomaly" })).toEqual([
      expect.stringContaining("gate.task is anomaly, but MLmodel's metadata.prediction.task is classification"),
    ]);
  });

  test("labels that are all 1 are ambiguous", async () => {
    const calm = rows.split("\n").filter((line, at) => at === 0 || (line !== "" && expected.labels[at - 1] === 1));
    const csv = `${calm.join("\n")}\n`;
    const policy = { task: "anomaly", anomalyScores: "low", performance: { specificity: { min: 0.5 } } };
    const { checks } = await judged(FOREST, policy, { csv });
    expect(checks[0]?.detail).toContain(
      "Name the model's labels in MLmodel's metadata.prediction.classes: [-1, 1] or [0, 1]",
    );
    await using named = await withMetadata(FOREST, { classes: [-1, 1] });
    expect(outcomesOf(await judged(named.folder, policy, { csv }))).toEqual({ "performance.specificity": "pass" });
  });
});

test.each([
  [{ task: "anomaly", performance: { logLoss: { max: 1 } } }, "performance.logLoss needs probabilities"],
  [
    { task: "anomaly", performance: { calibrationError: { max: 1 } } },
    "performance.calibrationError needs probabilities",
  ],
  [{ task: "anomaly", champion: { first: "pass", brier: { margin: 0 } } }, "champion.brier needs probabilities"],
  [{ task: "anomaly", baseline: { logLoss: { margin: 0 } } }, "baseline.logLoss needs probabilities"],
  [{ task: "anomaly", schema: { probabilitySum: { max: 0.1 } } }, "schema.probabilitySum needs probabilities"],
  [
    { task: "anomaly", performance: { rmse: { max: 1 } } },
    "performance.rmse is a metric for regression, but gate.task is",
  ],
  [{ task: "anomaly", performance: { topK: { k: 2, min: 0 } } }, "performance.topK is a metric for multiclass"],
  [{ task: "binary", anomalyScores: "low", accuracy: { min: 0 } }, "anomalyScores requires gate.task: anomaly"],
  [{ task: "anomaly", anomalyScores: "up", accuracy: { min: 0 } }, "anomalyScores must be low or high"],
  [{ task: "outliers", accuracy: { min: 0 } }, "task must be binary, multiclass, regression or anomaly"],
])("rejects the policy %j", (policy, message) => {
  expect(() => parsePolicy(policy, "gate")).toThrow(message);
});

test("does not treat a classifier as a detector", async () => {
  const folder = join(import.meta.dirname, "../../fixtures/parity/iris-columns");
  const mlmodel = parse(await readFile(join(folder, "MLmodel"), "utf8"));
  const names = (JSON.parse(mlmodel.signature.inputs) as { name: string }[]).map(({ name }) => `"${name}"`);
  const csv = `label,${names.join(",")}\n0,5,3,1,0.2\n1,6,3,5,2\n`;
  const { checks } = await judged(folder, { task: "anomaly", anomalyScores: "low", accuracy: { min: 0 } }, { csv });
  expect(checks).toMatchObject([
    { check: "schema.answers", detail: expect.stringContaining("For a classifier, set gate.task: binary") },
  ]);
  const predictor = await openPredictor(folder);
  expect(predictor.classAnswers?.scores).toBe("probabilities");
  await predictor.close();
});
