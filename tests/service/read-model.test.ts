import { readFile } from "node:fs/promises";
import { join } from "node:path";
import onnxProto, { type onnx as Onnx } from "onnx-proto";
import { expect, test } from "vitest";
import { analyzeGraph } from "../../service/predictor/graph-analysis.ts";
import { parseHints } from "../../service/predictor/hints.ts";
import { lowerVersions } from "../../service/predictor/versions.ts";
import { removeZipMaps } from "../../service/predictor/zipmap.ts";

const { onnx } = onnxProto;
const { STRING, INT64 } = onnx.TensorProto.DataType;
const { INTS } = onnx.AttributeProto.AttributeType;

const node = (opType: string, more: Onnx.INodeProto = {}): Onnx.INodeProto => ({ opType, output: ["y"], ...more });
const modelOf = (nodes: Onnx.INodeProto[], more: Onnx.IModelProto = {}, graph: Onnx.IGraphProto = {}) =>
  onnx.ModelProto.fromObject({ graph: { name: "g", node: nodes, output: [{ name: "y" }], ...graph }, ...more });
const factsOf = (nodes: Onnx.INodeProto[], graph: Onnx.IGraphProto = {}) =>
  analyzeGraph(modelOf(nodes, {}, graph), new Map(), (model) => onnx.ModelProto.encode(model).finish());

test("a graph handles missing values if it imputes them, tests for them, or has trees trained with them", () => {
  const tracks = (...ints: number[]) =>
    node("TreeEnsembleRegressor", { attribute: [{ name: "nodes_missing_value_tracks_true", type: INTS, ints }] });
  expect(factsOf([node("Imputer")]).takesMissing).toBe(true);
  expect(factsOf([node("IsNaN")]).takesMissing).toBe(true);
  expect(factsOf([tracks(0, 1, 0)]).takesMissing).toBe(true);
  expect(factsOf([tracks(0, 0, 0), node("Add")]).takesMissing).toBe(false);
});

test("classes come from the classifier that produces the label, or from the constant it is selected from", () => {
  const classifier = (...ints: number[]) =>
    node("LinearClassifier", { attribute: [{ name: "classlabels_ints", ints }] });
  expect(factsOf([classifier(1, 2)])).toMatchObject({
    labels: new Map([["y", { classes: [1, 2], mayDisagree: false }]]),
    classes: [1, 2],
  });
  const picked = [
    node("ArrayFeatureExtractor", { input: ["c", "place"], output: ["z"] }),
    node("Cast", { input: ["z"] }),
  ];
  const texts = { name: "c", dataType: STRING, stringData: ["no", "yes"].map((text) => Buffer.from(text)) };
  expect(factsOf(picked, { initializer: [texts] }).labels.get("y")?.classes).toEqual(["no", "yes"]);
  const raw = Buffer.from(BigInt64Array.of(-1n, 1n).buffer);
  const numbers = { name: "c", dataType: INT64, rawData: raw };
  expect(factsOf(picked, { initializer: [numbers] }).labels.get("y")).toEqual({ classes: [-1, 1], mayDisagree: false });
  // Classifiers that name different classes reveal nothing about the model's.
  const inner = classifier(0, 1);
  expect(factsOf([{ ...inner, output: ["a"] }, classifier(1, 2)])).toMatchObject({ classes: undefined });
});

test("a ZipMap's keys order the scores", () => {
  const zip = (attribute: Onnx.IAttributeProto) => {
    const model = modelOf([node("ZipMap", { domain: "ai.onnx.ml", input: ["p"], attribute: [attribute] })]);
    const classes = removeZipMaps(model).get("y");
    const [{ opType, input } = {}] = model.graph?.node ?? [];
    const [order] = model.graph?.initializer ?? [];
    return { classes, opType, input, order: order?.int64Data?.map(Number) };
  };
  expect(zip({ name: "classlabels_int64s", ints: [0, 10, 9] })).toEqual({
    classes: [0, 9, 10],
    opType: "Gather",
    input: ["p", "y/class_order"],
    order: [0, 2, 1],
  });
  const texts = ["a", "b"].map((text) => Buffer.from(text));
  expect(zip({ name: "classlabels_strings", strings: texts })).toMatchObject({
    classes: ["a", "b"],
    opType: "Identity",
  });
});

const versions = (ir: number, opset: number, ...operators: string[]) => {
  const model = modelOf(
    operators.map((name) => node(name)),
    { irVersion: ir, opsetImport: [{ domain: "", version: opset }] },
  );
  lowerVersions(model);
  return [Number(model.irVersion), Number(model.opsetImport[0]?.version)];
};

test("declares a newer model as older only if it uses nothing that changed", () => {
  expect(versions(14, 28, "MatMul", "Softmax")).toEqual([13, 26]);
  expect(versions(10, 27, "MatMul")).toEqual([10, 26]);
  expect(versions(14, 17, "Cast")).toEqual([13, 17]);
  expect(() => versions(14, 28, "MatMul", "Cast", "Range")).toThrow(
    "it has IR version 14 and opset 28; the runtime supports up to IR 13 and opset 26, and the operators Cast, Range have changed since. Export it with target_opset=26",
  );
  expect(() => versions(15, 17)).toThrow("the changes in newer versions are not known");
  const tensor = { name: "t", dataType: 27 };
  const typed = modelOf([node("Identity")], { irVersion: 14 }, { initializer: [tensor as Onnx.ITensorProto] });
  expect(() => lowerVersions(typed)).toThrow("data type 27");
});

test.each([
  [{ taks: "classification" }, "metadata.prediction.taks is not supported"],
  [{ task: "ranking" }, '"regression" or "anomaly", not "ranking"'],
  [{ anomalyScores: "lower" }, '"low" or "high"'],
  [{ task: "binary", anomalyScores: "low" }, "has anomalyScores, which task binary does not support"],
  [{ threshold: "0.5" }, "threshold must be a number"],
  [{ classes: ["a", "a"] }, "at least two distinct"],
  [{ classes: ["a", "b"], positive: "c" }, "not one of its classes"],
  [{ task: "regression", threshold: 0.5 }, "does not support classes, positive, threshold or label"],
  ["classification", "must be a map"],
])("rejects metadata.prediction %j", (prediction, message) => {
  expect(() => parseHints({ metadata: { prediction } })).toThrow(message);
});

test("the fixture of the newest versions has onnx's defaults", async () => {
  const bytes = await readFile(join(import.meta.dirname, "../fixtures/parity/newest-versions/model.onnx"));
  const { irVersion, opsetImport } = onnx.ModelProto.decode(bytes);
  expect([Number(irVersion), Number(opsetImport[0]?.version)]).toEqual([14, 28]);
});
