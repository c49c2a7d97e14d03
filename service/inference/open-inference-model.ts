import type { Field } from "../../data/field.ts";
import { isDense } from "../../data/number-array.ts";
import type { ModelIdentity } from "../model-source.ts";
import type { OnnxModel } from "../predictor/predictor.ts";
import { columnNames, type Signature } from "../predictor/signature.ts";
import { datatypeOf } from "../predictor/try-out.ts";

/** The answer to `GET /v2/models/{name}`: what the model takes and gives, in the Open Inference Protocol's words. */
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

/** One tensor of all columns where they are numbers of one type, else a tensor a column. */
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

/** The datatype that a field's values are best sent as. */
export const fieldDatatype = ({ type }: Field) =>
  type === "datetime" ? "BYTES" : datatypeOf(type === "boolean" ? "bool" : type);
