import { readFile } from "node:fs/promises";
import type { onnx as Onnx } from "onnx-proto";

/**
 * Reads an ONNX file. skl2onnx ends a classifier in a ZipMap unless told otherwise: it turns the tensor of probabilities into a sequence of maps from
 * class to probability, which onnxruntime-node cannot give out. The same numbers stand in the ZipMap's input, in the order of the classes, so
 * the ZipMap is taken away and its input given out under its name. A model without one is returned as it is.
 */
export async function readOnnx(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file);
  // The operator's name stands in the file as it is. Only then is the protobuf library worth its start-up time.
  return bytes.includes("ZipMap") ? withoutZipMap(bytes) : bytes;
}

async function withoutZipMap(bytes: Uint8Array): Promise<Uint8Array> {
  const { onnx } = (await import("onnx-proto")).default;
  let model: Onnx.ModelProto;
  try {
    model = onnx.ModelProto.decode(bytes);
  } catch {
    return bytes; // the runtime says what is wrong with the file
  }
  const { node: nodes = [], output: outputs = [] } = model.graph ?? {};
  const zipMaps = nodes?.filter(({ opType }) => opType === "ZipMap") ?? [];
  for (const zipMap of zipMaps) {
    const output = outputs?.find(({ name }) => name === zipMap.output?.[0]);
    if (!output) continue;
    zipMap.opType = "Identity";
    zipMap.domain = "";
    zipMap.attribute = [];
    output.type = {
      tensorType: {
        elemType: onnx.TensorProto.DataType.FLOAT,
        shape: { dim: [{ dimParam: "N" }, { dimParam: "classes" }] },
      },
    };
  }
  return onnx.ModelProto.encode(model).finish();
}
