import onnxProto from "onnx-proto";
import type { LogisticRegression } from "./logistic-regression.ts";
import type { LabelledModel } from "./model-labels.ts";

const { onnx } = onnxProto;
const { FLOAT, INT64 } = onnx.TensorProto.DataType;
/** Supported by every runtime since 2022; onnxruntime rejects the newest IR versions until it catches up. */
const IR_VERSION = 8;
const OPSET = 17;

/**
 * Converts a fitted model to ONNX: input `features` (float32 [N, columns]), outputs `label` (int64 [N]) and `probabilities`
 * (float32 [N, 2], of class 0 and class 1).
 * @param labels other than 0 and 1
 *
 * Uses MatMul + Add + Sigmoid instead of `ai.onnx.ml` LinearClassifier, whose results differ in the last bit between one row and
 * many, while the service batches. Both classes have a column of weights, one the negative of the other, so that the label is the
 * larger of two numbers before Sigmoid rounds both to 1; a tie is class 0, as in scikit-learn.
 */
export function toOnnx(
  { coefficients, intercept }: Omit<LogisticRegression, "iterations">,
  labels?: LabelledModel["labels"],
): Uint8Array<ArrayBuffer> {
  const columns = coefficients.length;
  const weights = [...coefficients].flatMap((coefficient) => [-coefficient, coefficient]);
  const model = onnx.ModelProto.create({
    irVersion: IR_VERSION,
    opsetImport: [{ domain: "", version: OPSET }],
    producerName: "model-promotion",
    graph: {
      name: "logistic-regression",
      input: [tensor("features", FLOAT, ["N", columns])],
      output: [tensor("label", INT64, ["N"]), tensor("probabilities", FLOAT, ["N", 2])],
      initializer: [
        constant("weights", [columns, 2], weights),
        constant("bias", [2], [-intercept, intercept]),
        ...(labels ? [{ name: "classes", dims: [2], dataType: INT64, int64Data: [...labels] }] : []),
      ],
      node: [
        { opType: "MatMul", input: ["features", "weights"], output: ["products"] },
        { opType: "Add", input: ["products", "bias"], output: ["scores"] },
        { opType: "Sigmoid", input: ["scores"], output: ["probabilities"] },
        {
          opType: "ArgMax",
          input: ["scores"],
          output: [labels ? "index" : "label"],
          attribute: [integer("axis", 1), integer("keepdims", 0)],
        },
        ...(labels ? [{ opType: "Gather", input: ["classes", "index"], output: ["label"] }] : []),
      ],
    },
  });
  return Uint8Array.from(onnx.ModelProto.encode(model).finish());
}

const tensor = (name: string, elemType: number, shape: readonly (string | number)[]) => ({
  name,
  type: {
    tensorType: {
      elemType,
      shape: { dim: shape.map((size) => (typeof size === "string" ? { dimParam: size } : { dimValue: size })) },
    },
  },
});

function constant(name: string, dims: number[], values: readonly number[]) {
  const floats = Float32Array.from(values);
  if (!floats.every(Number.isFinite))
    throw new RangeError(`the model's ${name} exceed the range of float32. Scale the features`);
  return { name, dims, dataType: FLOAT, floatData: [...floats] };
}

const integer = (name: string, i: number) => ({ name, i, type: onnx.AttributeProto.AttributeType.INT });
