import type { ModelIdentity } from "../model-source.ts";
import type { OnnxModel } from "../predictor/predictor.ts";

/** The answer to `GET /v2/models/{name}`: what the model takes and gives, in the Open Inference Protocol's words. */
export function modelMetadata(
  { signature, outputs }: OnnxModel,
  { name, version }: Pick<ModelIdentity, "name" | "version">,
) {
  const { features, columns } = signature;
  return {
    name,
    versions: [version],
    platform: "onnx_onnxruntime",
    inputs: [
      {
        name: "features",
        datatype: "FP32",
        shape: [-1, features],
        ...(columns && { parameters: { columns } }),
      },
    ],
    outputs: outputs.map(({ name, datatype, inner }) => ({ name, datatype, shape: [-1, ...inner] })),
  };
}
