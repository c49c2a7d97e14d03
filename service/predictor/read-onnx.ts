import { readFile } from "node:fs/promises";
import type { onnx as Onnx } from "onnx-proto";
import { PredictorError } from "./errors.ts";
import { onnxFacts } from "./onnx-facts.ts";
import { removeZipMaps } from "./zipmap.ts";

/**
 * Reads an ONNX file for the runtime: without ZipMaps, and refused when it would make the runtime read another file, which no
 * digest covers. The protobuf library costs start-up time, so the bytes are searched first: names stand in them as they are.
 * @throws PredictorError
 */
export async function readOnnx(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file);
  if (bytes.toString("latin1", 4, 8) === "ORTM")
    throw new PredictorError(
      "it is in onnxruntime's own format, which cannot be looked into: export the model as ONNX",
    );
  const hasZipMap = bytes.includes("ZipMap");
  // The key under which a tensor names the file that its data lies in.
  const mayNameFiles = bytes.includes("location");
  if (!hasZipMap && !mayNameFiles) return bytes;
  const { onnx } = (await import("onnx-proto")).default;
  let model: Onnx.ModelProto;
  try {
    model = onnx.ModelProto.decode(bytes);
    refuseExternalData(model);
  } catch (cause) {
    if (cause instanceof PredictorError) throw cause;
    throw new PredictorError(`it is no ONNX model: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  removeZipMaps(model);
  // Written anew: what runs is what was looked at. The runtime's parser may read the same bytes in another way.
  return onnx.ModelProto.encode(model).finish();
}

function refuseExternalData(model: Onnx.ModelProto): void {
  const [first] = onnxFacts(model).externalData;
  if (first)
    throw new PredictorError(
      `tensor ${first[0]} lies in another file, ${JSON.stringify(first[1])}: save it in one file`,
    );
}
