import { describe, expect, test } from "vitest";
import type { DataFormat } from "../../../data/reader/data-format.ts";
import type { ModelTask } from "../../../service/predictor/hints.ts";
import { openPredictor } from "../../../service/predictor/predictor.ts";
import type { Task } from "../../../training/gate/metrics/answered-rows.ts";
import { openCandidate } from "../../../training/gate/open-candidate.ts";
import { TaskMismatch, taskOf } from "../../../training/gate/task-of.ts";
import { mlmodelOf, testModel } from "../../service/helpers/test-model.ts";

const classifier = (task?: ModelTask) => ({
  classAnswers: { width: 2 },
  ...(task && { hints: { task } }),
});

describe("the task of MLmodel's metadata", () => {
  test.each<[ModelTask, Task | undefined, DataFormat | undefined, Task]>([
    ["binary", undefined, undefined, "binary"],
    ["multiclass", undefined, undefined, "multiclass"],
    ["multiclass", "multiclass", undefined, "multiclass"],
    ["classification", undefined, undefined, "binary"],
    ["classification", undefined, { classes: ["a", "b", "c"] }, "multiclass"],
    ["classification", "multiclass", undefined, "multiclass"],
    ["classification", "binary", undefined, "binary"],
  ])("%s with gate.task %s and data.classes %j is evaluated as %s", (model, policy, format, task) => {
    expect(taskOf(classifier(model), policy, format)).toBe(task);
  });

  test.each<[ModelTask, Task, string]>([
    ["multiclass", "binary", "Set gate.task to multiclass, or log the model with metadata="],
    ["binary", "multiclass", 'metadata={"prediction": {"task": "multiclass"}}'],
    ["classification", "regression", "Set gate.task to binary or multiclass"],
    ["regression", "binary", "Set gate.task to regression"],
  ])("%s contradicts gate.task %s", (model, policy, wayOut) => {
    const attempt = () => taskOf(classifier(model), policy);
    expect(attempt).toThrow(TaskMismatch);
    expect(attempt).toThrow(`gate.task is ${policy}, but MLmodel's metadata.prediction.task is ${model}`);
    expect(attempt).toThrow(wayOut);
  });
});

test("the gate reads it from the model's files, and a contradiction fails", async () => {
  const withTask = (task: string) => testModel({ mlmodel: { ...mlmodelOf(3), metadata: { prediction: { task } } } });
  await using multiclass = await withTask("multiclass");
  const { model, checks } = await openCandidate(multiclass.folder, { accuracy: { min: 0 } }, undefined);
  expect([model?.task, checks]).toEqual(["multiclass", []]);
  await model?.predictor.close();
  const refused = await openCandidate(multiclass.folder, { task: "binary", accuracy: { min: 0 } }, undefined);
  expect(refused).toMatchObject({
    model: undefined,
    checks: [
      {
        check: "schema.task",
        outcome: "fail",
        required: true,
        detail: expect.stringContaining("Set gate.task to multiclass"),
      },
    ],
  });
});

test("the scores of a model declared as binary belong to two classes", async () => {
  await using model = await testModel({ mlmodel: { ...mlmodelOf(3), metadata: { prediction: { task: "binary" } } } });
  const predictor = await openPredictor(model.folder);
  expect(predictor.hints).toEqual({ task: "binary" });
  expect(predictor.classAnswers?.width).toBe(2);
  await predictor.close();
});
