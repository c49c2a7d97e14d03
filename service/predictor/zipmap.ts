import type { onnx as Onnx } from "onnx-proto";

/** TensorProto.DataType.FLOAT. */
const FLOAT = 1;

/**
 * Takes the ZipMaps out of a model, in place. skl2onnx ends a classifier in one unless told otherwise: it turns the tensor of probabilities into a
 * sequence of maps from class to probability, which onnxruntime-node cannot give out. The same numbers stand in the ZipMap's input, in the order of the
 * classes, so its input is given out under its name. A model without one stays as it is.
 */
export function removeZipMaps({ graph }: Onnx.ModelProto): void {
  const { node: nodes = [], output: outputs = [] } = graph ?? {};
  const zipMaps = nodes?.filter(({ opType }) => opType === "ZipMap") ?? [];
  for (const zipMap of zipMaps) {
    const output = outputs?.find(({ name }) => name === zipMap.output?.[0]);
    if (!output) continue;
    zipMap.opType = "Identity";
    zipMap.domain = "";
    zipMap.attribute = [];
    output.type = {
      tensorType: { elemType: FLOAT, shape: { dim: [{ dimParam: "N" }, { dimParam: "classes" }] } },
    };
  }
}
