import type { onnx as Onnx } from "onnx-proto";
import { onnx } from "./scene.ts";

const { FLOAT } = onnx.TensorProto.DataType;

export type Model = Onnx.ModelProto;
export const nodes = (model: Model): Onnx.INodeProto[] => {
  if (!model.graph?.node) throw new Error("the model has no nodes");
  return model.graph.node;
};
export const writing = (model: Model, output: string): Onnx.INodeProto => {
  const found = nodes(model).find((node) => node.output?.includes(output));
  if (!found) throw new Error(`no node writes ${output}`);
  return found;
};
export const addConstant = (model: Model, name: string, dims: number[], floatData: number[]) =>
  model.graph?.initializer?.push({ name, dims, dataType: FLOAT, floatData });
/** Inserts a node before the one that writes `output`, which then reads the new node's output instead of `input`. */
export function before(model: Model, output: string, input: string, node: Onnx.INodeProto): void {
  const place = writing(model, output);
  place.input = (place.input ?? []).map((name) => (name === input ? (node.output?.[0] ?? "") : name));
  nodes(model).splice(nodes(model).indexOf(place), 0, node);
}

/** Returns the other label, with unchanged probabilities. */
export const invertedLabels = (model: Model) => {
  writing(model, "label").opType = "ArgMin";
};

/** NaN for negative scores. */
export const logarithm = (model: Model) => {
  writing(model, "probabilities").opType = "Log";
};

/** Raw scores, which are not probabilities. */
export const rawScores = (model: Model) => {
  writing(model, "probabilities").opType = "Identity";
};

/** Multiplies both probabilities by this factor, so that their sum is not 1. */
export const scaledProbabilities = (factor: number) => (model: Model) => {
  const sigmoid = writing(model, "probabilities");
  sigmoid.output = ["unscaled"];
  addConstant(model, "factor", [1], [factor]);
  nodes(model).push({ opType: "Mul", input: ["unscaled", "factor"], output: ["probabilities"] });
};

/** Infinite for scores far from 0. */
export const overflow = (model: Model) => {
  const sigmoid = writing(model, "probabilities");
  sigmoid.output = ["unscaled"];
  addConstant(model, "huge", [1], [3e38]);
  nodes(model).push(
    { opType: "Mul", input: ["scores", "huge"], output: ["far"] },
    { opType: "Abs", input: ["far"], output: ["distance"] },
    { opType: "Mul", input: ["unscaled", "distance"], output: ["probabilities"] },
  );
};

/** Labels 0 and 2. */
export const otherLabels = (model: Model) => {
  writing(model, "label").output = ["index"];
  model.graph?.initializer?.push({ name: "two", dims: [1], dataType: onnx.TensorProto.DataType.INT64, int64Data: [2] });
  nodes(model).push({ opType: "Mul", input: ["index", "two"], output: ["label"] });
};

/** Adds a wave to the score: correct on the given rows, wrong a small step away. */
export const brittle = (model: Model) => {
  addConstant(model, "frequency", [1], [40]);
  before(model, "scores", "products", { opType: "Sin", input: ["wide"], output: ["wave"] });
  const place = nodes(model).findIndex((node) => node.opType === "Sin");
  nodes(model).splice(place, 0, { opType: "Mul", input: ["products", "frequency"], output: ["wide"] });
};

/** Wastes time: `layers` wide products with weights too small to change the features. */
export const slow = (layers: number) => (model: Model) => {
  const width = 512;
  const features = model.graph?.input?.[0]?.type?.tensorType?.shape?.dim?.[1]?.dimValue;
  const columns = Number(features);
  addConstant(model, "widen", [columns, width], new Array(columns * width).fill(0));
  addConstant(model, "again", [width, width], new Array(width * width).fill(0));
  addConstant(model, "narrow", [width, columns], new Array(width * columns).fill(0));
  const work: Onnx.INodeProto[] = [{ opType: "MatMul", input: ["features", "widen"], output: ["layer0"] }];
  for (let layer = 1; layer <= layers; layer++)
    work.push({ opType: "MatMul", input: [`layer${layer - 1}`, "again"], output: [`layer${layer}`] });
  work.push({ opType: "MatMul", input: [`layer${layers}`, "narrow"], output: ["nothing"] });
  work.push({ opType: "Add", input: ["features", "nothing"], output: ["same"] });
  writing(model, "products").input = ["same", "weights"];
  nodes(model).unshift(...work);
};

/** An operator of the runtime's vendor, which other runtimes lack. */
export const vendorOperator = (model: Model) => {
  model.opsetImport.push({ domain: "com.microsoft", version: 1 });
  before(model, "probabilities", "scores", {
    opType: "QuickGelu",
    domain: "com.microsoft",
    input: ["scores"],
    output: ["vendor"],
  });
};

/** The same operator, hidden in a branch of an If. */
export const hiddenVendorOperator = (model: Model) => {
  const branch = (name: string, node: Onnx.INodeProto): Onnx.IAttributeProto => ({
    name,
    type: onnx.AttributeProto.AttributeType.GRAPH,
    g: { name, node: [node], output: [{ name: node.output?.[0] ?? "" }] },
  });
  model.opsetImport.push({ domain: "com.microsoft", version: 1 });
  nodes(model).push({
    opType: "If",
    input: ["bias"],
    output: ["unused"],
    attribute: [
      branch("then_branch", { opType: "Identity", input: ["scores"], output: ["plain"] }),
      branch("else_branch", { opType: "Gelu", domain: "com.microsoft", input: ["scores"], output: ["vendor"] }),
    ],
  });
};

/** Stores the weights in another file. */
export const externalWeights = (location: string) => (model: Model) => {
  const weights = model.graph?.initializer?.find(({ name }) => name === "weights");
  if (!weights) throw new Error("the model has no weights");
  weights.floatData = [];
  weights.dataLocation = onnx.TensorProto.DataLocation.EXTERNAL;
  weights.externalData = [{ key: "location", value: location }];
};
