import { expect, test } from "vitest";
import { openPredictor } from "../../../service/predictor/predictor.ts";
import { ValueAnswers } from "../../../training/gate/answers/value-answers.ts";
import type { Evaluation } from "../../../training/gate/evaluation.ts";
import { METRICS } from "../../../training/gate/metrics/metric-table.ts";
import { areLabels, labelsPerRow, MULTI_LABEL_HINT } from "../../../training/gate/multi-label.ts";
import { notDefined } from "../../../training/gate/not-defined.ts";
import { parsePolicy } from "../../../training/gate/policy.ts";
import { taskOf } from "../../../training/gate/task-of.ts";

const fixture = (name: string) => openPredictor(new URL(`../../fixtures/parity/${name}`, import.meta.url).pathname);

test("the hint names the settings for a multi-label model", () => {
  expect(MULTI_LABEL_HINT).toBe(
    "multi-label models are evaluated as a regression: leave out gate.task or set it to regression, name the column of each label in data.label, and bound performance.mae, the share of wrong labels",
  );
});

test("rejects the task multi-label, with the valid tasks and the remedy", () => {
  for (const task of ["multilabel", "multi-label", "multi_label", "MultiOutput"])
    expect(() => parsePolicy({ task, accuracy: { min: 0.5 } }, "policy.yaml")).toThrow(
      `task must be binary, multiclass, regression or anomaly, got "${task}": ${MULTI_LABEL_HINT}`,
    );
  expect(() => parsePolicy({ task: "ranking", accuracy: { min: 0.5 } }, "policy.yaml")).toThrow(
    'task must be binary, multiclass, regression or anomaly, got "ranking"',
  );
});

test("rejects several labels per row from a classifier, and does not mistake a regressor for such a model", async () => {
  const labels = await fixture("several-labels");
  const targets = await fixture("two-targets");
  try {
    expect(taskOf(labels, undefined)).toBe("regression");
    expect(() => taskOf(labels, "multiclass")).toThrow(
      `the model returns 3 labels per row, but gate.task is multiclass: ${MULTI_LABEL_HINT}`,
    );
    expect(labelsPerRow(targets.outputs)).toBeUndefined();
    expect(() => taskOf(targets, "multiclass")).toThrow("the model returns numbers instead of labels");
  } finally {
    await labels.close();
    await targets.close();
  }
});

test("unknown labels and metrics of classes explain how to evaluate multi-label models", () => {
  const answers = (data: Float64Array) =>
    new ValueAnswers(1, ["spam"]).take({ kind: "values", data, shape: [2] }, 0, { rows: 1 });
  expect(() => answers(Float64Array.of(0, 1))).toThrow(
    `the model returns 2 labels per row, but the data's label has 1: spam; ${MULTI_LABEL_HINT}`,
  );
  expect(() => answers(Float64Array.of(0.5, 1))).toThrow("the model returns 2 numbers per row");
  const evaluation = { task: "regression", targets: ["a", "b"], predicted: Float64Array.of(0, 1, 1, 1) };
  expect(notDefined(METRICS.accuracy, evaluation as unknown as Evaluation)?.reason).toBe(
    ` for the task regression: it is a metric for binary and multiclass; ${MULTI_LABEL_HINT}`,
  );
});

test.each<[readonly number[], number, boolean]>([
  [[0, 1, 1, 0], 2, true],
  [[0, 1, 2, 0], 2, false],
  [[0, 1], 1, false],
  [[], 2, false],
])("the values %j of %i targets are labels: %s", (values, targets, expected) => {
  expect(areLabels(values, targets)).toBe(expected);
});
