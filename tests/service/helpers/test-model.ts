import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { onnx as Onnx } from "onnx-proto";
// A CommonJS bundle whose exports Node cannot detect, so only its types are imported by name.
import onnxProto from "onnx-proto";

const { onnx } = onnxProto;

interface TestModel {
  /** One per feature. */
  readonly weights?: readonly number[];
  readonly intercept?: number;
  readonly labelName?: string;
  /** null if the model has no such output. */
  readonly probabilitiesName?: string | null;
  /** Operator that maps z to a probability. Log returns NaN for a negative z. */
  readonly link?: "Sigmoid" | "Log";
  /** A fixed number of rows instead of any number. */
  readonly rows?: number;
  /** Replaces the MLmodel file: an object is written as JSON. */
  readonly mlmodel?: object | string;
}

/** Weights of the default test model. */
export const WEIGHTS = [0.5, -1, 2];
export const INTERCEPT = 0.25;

/** Creates a folder with MLmodel and a logistic regression in ONNX. Removed when the `await using` ends. */
export async function testModel(options: TestModel = {}): Promise<{ folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "test-model-"));
  await writeFile(join(folder, "model.onnx"), logisticRegression(options));
  const mlmodel = options.mlmodel ?? mlmodelOf((options.weights ?? WEIGHTS).length);
  await writeFile(join(folder, "MLmodel"), typeof mlmodel === "string" ? mlmodel : JSON.stringify(mlmodel));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** An MLmodel with a tensor signature. */
export const mlmodelOf = (features: number, data = "model.onnx") => ({
  flavors: { onnx: { data }, python_function: { data, loader_module: "mlflow.onnx" } },
  signature: {
    inputs: JSON.stringify([{ type: "tensor", "tensor-spec": { dtype: "float32", shape: [-1, features] } }]),
  },
});

/** label = z > 0, probabilities = [1 - sigmoid(z), sigmoid(z)], z = x . weights + intercept. */
function logisticRegression(options: TestModel): Uint8Array {
  const {
    weights = WEIGHTS,
    intercept = INTERCEPT,
    labelName = "label",
    probabilitiesName = "probabilities",
  } = options;
  const { FLOAT, INT64 } = onnx.TensorProto.DataType;
  const value = (name: string, elemType: number, ...shape: (number | string)[]) => ({
    name,
    type: {
      tensorType: {
        elemType,
        shape: { dim: shape.map((dim) => (typeof dim === "number" ? { dimValue: dim } : { dimParam: dim })) },
      },
    },
  });
  const constant = (name: string, dims: number[], floatData: readonly number[]) => ({
    name,
    dims,
    dataType: FLOAT,
    floatData: [...floatData],
  });
  const node = (opType: string, input: string[], output: string, attribute: Onnx.IAttributeProto[] = []) => ({
    opType,
    input,
    output: [output],
    attribute,
  });
  const rows = options.rows ?? "N";
  const { INT } = onnx.AttributeProto.AttributeType;
  const graph: Onnx.IGraphProto = {
    name: "logistic-regression",
    input: [value("features", FLOAT, rows, weights.length)],
    output: [value(labelName, INT64, rows), ...(probabilitiesName ? [value(probabilitiesName, FLOAT, rows, 2)] : [])],
    initializer: [
      constant("weights", [weights.length, 1], weights),
      constant("intercept", [1], [intercept]),
      constant("zero", [1], [0]),
      constant("one", [1], [1]),
      { name: "flat", dims: [1], dataType: INT64, int64Data: [-1] },
    ],
    node: [
      node("MatMul", ["features", "weights"], "product"),
      node("Add", ["product", "intercept"], "z"),
      node("Greater", ["z", "zero"], "positive"),
      node("Cast", ["positive"], "labels", [{ name: "to", type: INT, i: INT64 }]),
      node("Reshape", ["labels", "flat"], labelName),
      node(options.link ?? "Sigmoid", ["z"], "p1"),
      node("Sub", ["one", "p1"], "p0"),
      node("Concat", ["p0", "p1"], probabilitiesName ?? "unused", [{ name: "axis", type: INT, i: 1 }]),
    ],
  };
  return onnx.ModelProto.encode({ irVersion: 8, opsetImport: [{ domain: "", version: 17 }], graph }).finish();
}
