import { readFile } from "node:fs/promises";
import type { onnx as Onnx } from "onnx-proto";
import { PredictorError } from "./errors.ts";
import { inlineExternalData } from "./external-data.ts";
import { type GraphFacts, graphFacts, NO_FACTS, TELLING_NAMES } from "./graph-facts.ts";
import { loadOnnxSchema } from "./onnx-schema.ts";
import { lowerVersions } from "./versions.ts";
import { removeZipMaps } from "./zipmap.ts";

export interface OnnxBytes {
  readonly bytes: Uint8Array;
  readonly facts: GraphFacts;
  /** Whether it has such an operator. */
  readonly hasSigmoid: boolean;
}

/**
 * Reads an ONNX file for the runtime: without ZipMaps, with the tensors that lie in other files of the model's folder, and refused when it names files that no
 * digest covers. The protobuf library costs start-up time, so the bytes are searched first: names stand in them as they are.
 * @param isTooNew the runtime has refused it as newer than itself: it is declared older where that changes nothing
 * @throws PredictorError
 */
export async function readOnnx(file: string, folder: string, isTooNew = false): Promise<OnnxBytes> {
  const bytes = await readFile(file);
  if (bytes.toString("latin1", 4, 8) === "ORTM")
    throw new PredictorError(
      "it is in onnxruntime's own format, which cannot be looked into: export the model as ONNX",
    );
  const hasZipMap = bytes.includes("ZipMap");
  const hasSigmoid = bytes.includes("Sigmoid");
  // The key under which a tensor names the file that its data lies in.
  const mayNameFiles = bytes.includes("location");
  const isChanged = hasZipMap || mayNameFiles || isTooNew;
  if (!isChanged && !TELLING_NAMES.some((name) => bytes.includes(name))) return { bytes, facts: NO_FACTS, hasSigmoid };
  const onnx = await loadOnnxSchema();
  let model: Onnx.ModelProto;
  try {
    model = onnx.ModelProto.decode(bytes);
    if (mayNameFiles) await inlineExternalData(model, folder, file);
    if (isTooNew) lowerVersions(model);
  } catch (cause) {
    if (cause instanceof PredictorError) throw cause;
    throw new PredictorError(`it is no ONNX model: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  const encode = (of: Onnx.IModelProto) => onnx.ModelProto.encode(of).finish();
  const facts = graphFacts(model, removeZipMaps(model), encode);
  // Written anew: what runs is what was looked at. The runtime's parser may read the same bytes in another way.
  return { bytes: isChanged ? encode(model) : bytes, facts, hasSigmoid };
}
