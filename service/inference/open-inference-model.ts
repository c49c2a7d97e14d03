import type { Field } from "../../data/field.ts";
import { isDense } from "../../data/number-array.ts";
import type { ModelIdentity } from "../model-source.ts";
import type { OnnxModel } from "../predictor/predictor.ts";
import { columnNames, type Signature } from "../predictor/signature.ts";
import { datatypeOf } from "../predictor/trial-run.ts";

/** Returns the response of `GET /v2/models/{name}`: the model's inputs and outputs in the Open Inference Protocol's terms. */
export function modelMetadata(
  { signature, outputs }: OnnxModel,
  { name, version }: Pick<ModelIdentity, "name" | "version">,
) {
  return {
    name,
    versions: [version],
    platform: "onnx_onnxruntime",
    inputs: inputsOf(signature),
    outputs: outputs.map(({ name, datatype, inner }) => ({ name, datatype, shape: [-1, ...inner] })),
  };
}

/** Describes one tensor for all columns if they are numbers of one type, or else one tensor per column. */
function inputsOf(signature: Signature) {
  const { inputs } = signature;
  const [first] = inputs;
  const columns = columnNames(signature);
  if (!first || !isDense(inputs))
    return inputs.map((field) => {
      return { name: field.name, datatype: fieldDatatype(field), shape: [-1, ...(field.shape ?? [1])] };
    });
  return [
    {
      name: "features",
      datatype: fieldDatatype(first),
      shape: [-1, inputs.length],
      ...(columns && { parameters: { columns } }),
    },
  ];
}

/** Returns the preferred datatype for a field's values. */
export const fieldDatatype = ({ type }: Field) =>
  type === "datetime" ? "BYTES" : datatypeOf(type === "boolean" ? "bool" : type);
