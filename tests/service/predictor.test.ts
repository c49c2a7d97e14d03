import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findInputs } from "../../service/predictor/inputs.ts";
import { findOutputs } from "../../service/predictor/outputs.ts";
import { NonFiniteAnswerError, openPredictor } from "../../service/predictor/predictor.ts";
import { graphModel } from "./helpers/graph-model.ts";
import { INTERCEPT, mlmodelOf, testModel, WEIGHTS } from "./helpers/test-model.ts";

const ROWS = [
  [1, 2, 3],
  [-1, 0.5, -0.25],
  [0, 0, 0],
];
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
const scores = ROWS.map((row) => row.reduce((sum, x, index) => sum + x * (WEIGHTS[index] ?? 0), INTERCEPT));

test("answers labels and probabilities of each row", async () => {
  await using model = await testModel();
  const predictor = await openPredictor(model.folder);
  const { labels, probabilities, classes } = await predictor.predict(Float32Array.from(ROWS.flat()), 3);
  expect(predictor.signature).toEqual({ features: 3 });
  expect(labels).toEqual(scores.map((z) => (z > 0 ? 1 : 0)));
  expect(classes).toBe(2);
  for (const [row, z] of scores.entries()) {
    expect(probabilities?.[row * 2]).toBeCloseTo(1 - sigmoid(z), 6);
    expect(probabilities?.[row * 2 + 1]).toBeCloseTo(sigmoid(z), 6);
  }
  await predictor.close();
});

test("answers a row alike alone and in a batch", async () => {
  await using model = await testModel();
  const predictor = await openPredictor(model.folder);
  const together = await predictor.predict(Float32Array.from(ROWS.flat()), 3);
  for (const [index, row] of ROWS.entries()) {
    const alone = await predictor.predict(Float32Array.from(row), 1);
    expect(alone.labels).toEqual([together.labels[index]]);
    expect(alone.probabilities).toHaveLength(2);
    expect(alone.probabilities).toEqual(together.probabilities?.slice(index * 2, index * 2 + 2));
  }
});

test("serves skl2onnx's output names, and a model without probabilities", async () => {
  await using named = await testModel({ labelName: "output_label", probabilitiesName: "output_probability" });
  await using bare = await testModel({ probabilitiesName: null });
  expect(await (await openPredictor(named.folder)).predict(new Float32Array(3), 1)).toMatchObject({
    labels: [1],
    classes: 2,
  });
  expect(await (await openPredictor(bare.folder)).predict(new Float32Array(3), 1)).toEqual({ labels: [1], classes: 0 });
});

test("names the row whose answer is not finite", async () => {
  await using model = await testModel({ weights: [1, 1], link: "Log" });
  const predictor = await openPredictor(model.folder);
  const error = await predictor.predict(Float32Array.of(1, 1, -1, -1), 2).catch((error) => error);
  expect(error).toBeInstanceOf(NonFiniteAnswerError);
  expect(error.row).toBe(1);
});

test("refuses features that are not whole rows", async () => {
  await using model = await testModel();
  const predictor = await openPredictor(model.folder);
  await expect(predictor.predict(new Float32Array(4), 1)).rejects.toThrow("4 numbers are not 1 rows of 3 features");
  await expect(predictor.predict(new Float32Array(0), 0)).rejects.toThrow("at least one row");
});

test.for([
  ["outside the model's folder", { mlmodel: mlmodelOf(3, "../model.onnx") }],
  ["outside the model's folder", { mlmodel: mlmodelOf(3, "/model.onnx") }],
  ["names other.onnx, which is not there", { mlmodel: mlmodelOf(3, "other.onnx") }],
  ["no regular file", { mlmodel: mlmodelOf(3, ".") }],
  ["flavors.onnx.data names no ONNX file", { mlmodel: { ...mlmodelOf(3), flavors: {} } }],
  ["MLmodel is not YAML", { mlmodel: "{" }],
  ["takes 3 features, but the signature in MLmodel has 4", { mlmodel: mlmodelOf(4) }],
  ["takes exactly 1 rows", { rows: 1 }],
] as const)("refuses: %s", async ([message, options]) => {
  await using model = await testModel(options);
  await expect(openPredictor(model.folder)).rejects.toThrow(message);
});

const tensor = (name: string, type: "float32" | "int64" | "string" | "bool", shape: (number | string)[] = ["N", 1]) =>
  ({ name, isTensor: true, type, shape }) as const;

test("finds out which outputs answer", () => {
  const [score, other, id, text] = [
    ...[tensor("score", "float32"), tensor("other", "float32")],
    ...[tensor("id", "int64"), tensor("text", "string")],
  ] as const;
  expect(findOutputs([score])).toEqual({ values: "score" });
  expect(findOutputs([score, id])).toEqual({ label: "id" });
  expect(findOutputs([text])).toEqual({ label: "text" });
  expect(findOutputs([id, text, tensor("label", "string"), tensor("probabilities", "float32")])).toEqual({
    ...{ label: "label", probabilities: "probabilities" },
  });
  for (const outputs of [[score, other], [id, text], [], [tensor("flag", "bool")]])
    expect(() => findOutputs(outputs)).toThrow("which of the model's outputs answers cannot be told");
  expect(() => findOutputs([tensor("label", "float32")])).toThrow("output label is a float32 tensor");
});

test.for([
  ["input city is a string tensor", [tensor("age", "float32"), tensor("city", "string")], ["age", "city"]],
  [
    "must have these names, and are age, visits",
    [tensor("age", "float32"), tensor("city", "float32")],
    ["age", "visits"],
  ],
  ["and are not named", [tensor("age", "float32"), tensor("city", "float32")], undefined],
  [
    "input city takes 2 features, but",
    [tensor("age", "float32"), tensor("city", "float32", ["N", 2])],
    ["age", "city"],
  ],
  ["has no input", [], undefined],
] as const)("refuses inputs: %s", ([message, inputs, columns]) => {
  expect(() => findInputs(inputs, { features: 2, ...(columns && { columns }) })).toThrow(message);
});

const node = (opType: string, input: string[], output: string) => ({ opType, input, output: [output] });
test.for([
  ["[1,2,1]", [node("Unsqueeze", ["x", "last"], "y")]],
  ["[1,0]", [node("Slice", ["x", "axes", "axes", "one"], "y")]],
  ["[1,2] for 2 rows", [node("ReduceSum", ["x", "axes"], "y")]],
  ["[1,1] for one row, and [2,2] for two", [node("Transpose", ["x"], "t"), node("MatMul", ["x", "t"], "y")]],
] as const)("refuses a model that would answer no request: %s", async ([message, nodes]) => {
  await using model = await graphModel([...nodes]);
  await expect(openPredictor(model.folder)).rejects.toThrow(message);
});

test("refuses a folder without a model, a broken model and one behind a symbolic link", async () => {
  await using model = await testModel();
  const file = join(model.folder, "model.onnx");
  await mkdir(join(model.folder, "elsewhere"));
  await rename(file, join(model.folder, "elsewhere", "model.onnx"));
  await expect(openPredictor(join(model.folder, "elsewhere"))).rejects.toThrow("MLmodel cannot be read");
  await symlink(join(model.folder, "elsewhere", "model.onnx"), file);
  await expect(openPredictor(model.folder)).rejects.toThrow("no regular file");
  await writeFile(join(model.folder, "elsewhere", "model.onnx"), "not a model");
  await writeFile(join(model.folder, "MLmodel"), JSON.stringify(mlmodelOf(3, "elsewhere/model.onnx")));
  await expect(openPredictor(model.folder)).rejects.toThrow(/model\.onnx: .*protobuf/i);
});
