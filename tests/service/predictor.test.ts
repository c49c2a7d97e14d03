import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { denseTable } from "../../data/table.ts";
import { EMPTY_ANALYSIS } from "../../service/predictor/graph-analysis.ts";
import { findInputs } from "../../service/predictor/inputs.ts";
import { type ObservedOutput, planOutputs } from "../../service/predictor/outputs.ts";
import { NonFiniteAnswerError, openPredictor } from "../../service/predictor/predictor.ts";
import { graphModel } from "./helpers/graph-model.ts";
import { floats, floatTable, readClasses } from "./helpers/tables.ts";
import { INTERCEPT, mlmodelOf, testModel, WEIGHTS } from "./helpers/test-model.ts";

const ROWS = [
  [1, 2, 3],
  [-1, 0.5, -0.25],
  [0, 0, 0],
];
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
const scores = ROWS.map((row) => row.reduce((sum, x, index) => sum + x * (WEIGHTS[index] ?? 0), INTERCEPT));

test("returns label and probabilities for each row", async () => {
  await using model = await testModel();
  const predictor = await openPredictor(model.folder);
  const answer = readClasses(await predictor.predict(floatTable(predictor, ROWS)));
  expect(predictor.signature).toEqual(floats(3));
  expect(answer.labels).toEqual(scores.map((z) => (z > 0 ? 1 : 0)));
  expect(answer).toMatchObject({ classes: [0, 1], width: 2 });
  for (const [row, z] of scores.entries()) {
    expect(answer.scores?.[row * 2]).toBeCloseTo(1 - sigmoid(z), 6);
    expect(answer.scores?.[row * 2 + 1]).toBeCloseTo(sigmoid(z), 6);
  }
  await predictor.close();
});

test("returns the same answer for a row alone and in a batch", async () => {
  await using model = await testModel();
  const predictor = await openPredictor(model.folder);
  const together = readClasses(await predictor.predict(floatTable(predictor, ROWS)));
  for (const [index, row] of ROWS.entries()) {
    const alone = readClasses(await predictor.predict(floatTable(predictor, [row])));
    expect(alone.labels).toEqual([together.labels[index]]);
    expect(alone.scores).toHaveLength(2);
    expect(alone.scores).toEqual(together.scores?.slice(index * 2, index * 2 + 2));
  }
});

test("serves skl2onnx's output names, and a model without probabilities", async () => {
  await using named = await testModel({ labelName: "output_label", probabilitiesName: "output_probability" });
  await using bare = await testModel({ probabilitiesName: null });
  const zeros = async (folder: string) => {
    const predictor = await openPredictor(folder);
    return readClasses(await predictor.predict(floatTable(predictor, [[0, 0, 0]])));
  };
  expect(await zeros(named.folder)).toMatchObject({ labels: [1], width: 2 });
  expect(await zeros(bare.folder)).toEqual({ labels: [1], classes: [1], scores: undefined, width: undefined });
});

test("names the row with a non-finite answer", async () => {
  await using model = await testModel({ weights: [1, 1], link: "Log" });
  const predictor = await openPredictor(model.folder);
  const error = await predictor
    .predict(
      floatTable(predictor, [
        [1, 1],
        [-1, -1],
      ]),
    )
    .catch((error) => error);
  expect(error).toBeInstanceOf(NonFiniteAnswerError);
  expect(error.row).toBe(1);
});

test("rejects a table with wrong columns, or without rows", async () => {
  await using model = await testModel();
  const predictor = await openPredictor(model.folder);
  const narrow = denseTable(floats(2).inputs, new Float32Array(4), 2);
  await expect(predictor.predict(narrow)).rejects.toThrow("the table has 2 rows of 2 columns; the model requires 3");
  await expect(predictor.predict(floatTable(predictor, []))).rejects.toThrow("at least one row");
});

test.for([
  ["outside the model's folder", { mlmodel: mlmodelOf(3, "../model.onnx") }],
  ["outside the model's folder", { mlmodel: mlmodelOf(3, "/model.onnx") }],
  ["names other.onnx, which does not exist", { mlmodel: mlmodelOf(3, "other.onnx") }],
  ["not a regular file", { mlmodel: mlmodelOf(3, ".") }],
  ["flavors.onnx.data does not name an ONNX file", { mlmodel: { ...mlmodelOf(3), flavors: {} } }],
  ["MLmodel is not YAML", { mlmodel: "{" }],
  ["takes 3 features, but the signature in MLmodel has 4", { mlmodel: mlmodelOf(4) }],
  ["takes exactly 1 rows", { rows: 1 }],
] as const)("rejects: %s", async ([message, options]) => {
  await using model = await testModel(options);
  await expect(openPredictor(model.folder)).rejects.toThrow(message);
});

const tensor = (name: string, type: "float32" | "int64" | "string" | "bool", shape: (number | string)[] = ["N", 1]) =>
  ({ name, isTensor: true, type, shape }) as const;

const seen = (name: string, type: ObservedOutput["type"], inner: number[] = [], numbers?: number[]): ObservedOutput => {
  return { name, type, inner, numbers: numbers && Float64Array.from(numbers) };
};
/** Returns the names of the planned outputs, and what the plan says about the scores. */
function planOf(outputs: ObservedOutput[], hints: Parameters<typeof planOutputs>[2] = {}) {
  const plan = planOutputs(outputs, EMPTY_ANALYSIS, hints);
  if (plan.kind === "values") return { values: plan.values.name };
  const { label, scores, areProbabilities, classes } = plan;
  return { label: label?.name, scores: scores.map(({ name }) => name), areProbabilities, classes };
}

test("determines which outputs make up the prediction", () => {
  const [score, other] = [seen("score", "float32"), seen("other", "float32")];
  const [id, text] = [seen("id", "int64"), seen("text", "string")];
  expect(planOf([score])).toEqual({ values: "score" });
  expect(planOf([id, score])).toMatchObject({ label: "id", scores: ["score"], areProbabilities: false });
  expect(planOf([text])).toMatchObject({ label: "text", scores: [] });
  expect(planOf([seen("flag", "bool")])).toMatchObject({ label: "flag", classes: [false, true] });
  expect(planOf([id, text, seen("label", "string"), seen("probabilities", "float32", [2])])).toMatchObject({
    label: "label",
    scores: ["probabilities"],
    areProbabilities: true,
  });
  for (const outputs of [[score, other], [id, text, score, other].slice(2), []])
    expect(() => planOf(outputs)).toThrow("cannot determine which output is the prediction");
  expect(() => planOf([seen("label", "float32")])).toThrow("output label is a float32 tensor");
  const several = [seen("label", "int64", [3]), seen("probabilities", "float32", [3])];
  expect(planOf(several)).toEqual({ values: "label" });
  expect(() => planOf(several, { task: "classification" })).toThrow("has several labels per row");
  expect(() => planOf([seen("label", "string", [3])])).toThrow('metadata={"prediction": {"task": "regression"');
});

test("distinguishes probabilities from scores by the answer to zeros", () => {
  const label = seen("class", "int64");
  const of = (name: string, numbers: number[]) => planOf([label, seen(name, "float32", [2], numbers)]);
  expect(of("probs", [0.25, 0.75, 0.25, 0.75])).toMatchObject({ areProbabilities: true, classes: [0, 1] });
  expect(of("logits", [-1, 1, -1, 1])).toMatchObject({ areProbabilities: false });
  expect(of("probabilities", [-1.5, 1.5, -1.5, 1.5])).toMatchObject({ areProbabilities: false });
  expect(of("probabilities", [Number.NaN, 0, Number.NaN, 0])).toMatchObject({ areProbabilities: true });
});

test("uses the metadata for what the graph does not reveal", () => {
  const [logits, hidden] = [seen("logits", "float32", [1], [0.3, 0.3]), seen("hidden", "float32", [8])];
  expect(planOf([logits, hidden], { task: "regression", output: "logits" })).toEqual({ values: "logits" });
  const hints = { task: "classification", output: "logits", activation: "sigmoid", classes: ["no", "yes"] } as const;
  expect(planOf([logits, hidden], hints)).toMatchObject({
    label: undefined,
    areProbabilities: true,
    classes: ["no", "yes"],
  });
  const { activation: _, ...bare } = hints;
  expect(() => planOf([logits, hidden], bare)).toThrow('set "activation" in MLmodel');
  expect(() => planOf([logits], { ...hints, output: "z" })).toThrow('metadata.prediction.output is "z"');
  expect(() => planOf([logits], { ...hints, threshold: 0.3, positive: "maybe" })).toThrow('positive is "maybe"');
});

test.for([
  [
    "input city is a string tensor, but the signature in MLmodel has city of type float32",
    [tensor("age", "float32"), tensor("city", "string")],
    ["age", "city"],
  ],
  [
    "must have these names, but are age, visits",
    [tensor("age", "float32"), tensor("city", "float32")],
    ["age", "visits"],
  ],
  ["but are not named", [tensor("age", "float32"), tensor("city", "float32")], undefined],
  [
    "input city takes 2 features, but",
    [tensor("age", "float32"), tensor("city", "float32", ["N", 2])],
    ["age", "city"],
  ],
  ["has no input", [], undefined],
] as const)("rejects inputs: %s", ([message, inputs, columns]) => {
  expect(() => findInputs(inputs, floats(2, columns))).toThrow(message);
});

const node = (opType: string, input: string[], output: string) => ({ opType, input, output: [output] });
test.for([
  ["[1,0]", [node("Slice", ["x", "axes", "axes", "one"], "y")]],
  ["[1,2] for 2 rows", [node("ReduceSum", ["x", "axes"], "y")]],
  ["[1,1] for one row but [2,2] for two", [node("Transpose", ["x"], "t"), node("MatMul", ["x", "t"], "y")]],
] as const)("rejects a model that cannot answer any request: %s", async ([message, nodes]) => {
  await using model = await graphModel([...nodes]);
  await expect(openPredictor(model.folder)).rejects.toThrow(message);
});

test("rejects a folder without a model, a broken model and one behind a symbolic link", async () => {
  await using model = await testModel();
  const file = join(model.folder, "model.onnx");
  await mkdir(join(model.folder, "elsewhere"));
  await rename(file, join(model.folder, "elsewhere", "model.onnx"));
  await expect(openPredictor(join(model.folder, "elsewhere"))).rejects.toThrow("MLmodel cannot be read");
  await symlink(join(model.folder, "elsewhere", "model.onnx"), file);
  await expect(openPredictor(model.folder)).rejects.toThrow("not a regular file");
  await writeFile(join(model.folder, "elsewhere", "model.onnx"), "not a model");
  await writeFile(join(model.folder, "MLmodel"), JSON.stringify(mlmodelOf(3, "elsewhere/model.onnx")));
  await expect(openPredictor(model.folder)).rejects.toThrow(/model\.onnx: .*protobuf/i);
});
