import { expect, test } from "vitest";
import { readTrainerEnvironment } from "../../training/trainer-environment.ts";

const env = {
  MLFLOW_EXPERIMENT_NAME: "churn",
  MODEL_NAME: "churn-model",
  TRAINING_DATA: "train.csv",
  EVALUATION_DATA: "evaluation.csv",
};

test("adds default params", () => {
  expect(readTrainerEnvironment({ ...env, TRAINING_PARAMS: '{"C": 0.1}' })).toEqual({
    experiment: "churn",
    model: "churn-model",
    trainingData: "train.csv",
    evaluationData: "evaluation.csv",
    params: { C: 0.1, maxIterations: 200 },
  });
});

test("reads the data's format, and rejects unknown keys", () => {
  const format = { label: "churned", csv: { separator: ";" } };
  expect(readTrainerEnvironment({ ...env, DATA_FORMAT: JSON.stringify(format) }).format).toEqual(format);
  const read = (text: string) => () => readTrainerEnvironment({ ...env, DATA_FORMAT: text });
  expect(read("label")).toThrow("DATA_FORMAT is not JSON: label");
  expect(read('{"csv": {"separator": "::"}}')).toThrow("DATA_FORMAT.csv.separator must be one character");
  expect(read('{"lable": "x"}')).toThrow(/^DATA_FORMAT .*lable/);
});

test("names all missing variables at once", () => {
  expect(() => readTrainerEnvironment({ TRAINING_DATA: "train.csv" })).toThrow(
    /^MLFLOW_EXPERIMENT_NAME is not set .*; MODEL_NAME is not set .*; EVALUATION_DATA is not set/,
  );
});

test.each([
  ['{"C": 1, "c": 2}', 'TRAINING_PARAMS has unknown "c" (known: C, maxIterations)'],
  ['{"C": 0}', "TRAINING_PARAMS.C: "],
  ['{"C": "1"}', "TRAINING_PARAMS.C: "],
  ['{"maxIterations": 1.5}', "TRAINING_PARAMS.maxIterations: "],
  ["[1]", "TRAINING_PARAMS must be a JSON object"],
  ["{C: 1}", "TRAINING_PARAMS must be a JSON object such as"],
])("rejects TRAINING_PARAMS=%s", (params, message) => {
  expect(() => readTrainerEnvironment({ ...env, TRAINING_PARAMS: params })).toThrow(message);
});
