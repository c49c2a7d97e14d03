import { readFile, stat } from "node:fs/promises";
import type { onnx as Onnx } from "onnx-proto";
import { PredictorError } from "./errors.ts";
import { inlineExternalData, LARGEST_ONNX } from "./external-data.ts";
import { analyzeGraph, EMPTY_ANALYSIS, type GraphAnalysis, REVEALING_NAMES } from "./graph-analysis.ts";
import { useAvailableLocale } from "./locales.ts";
import { loadOnnxSchema } from "./onnx-schema.ts";
import { lowerVersions } from "./versions.ts";
import { removeZipMaps } from "./zipmap.ts";

export interface OnnxBytes {
  readonly bytes: Uint8Array;
  readonly analysis: GraphAnalysis;
  /** Whether the graph contains a sigmoid. */
  readonly hasSigmoid: boolean;
}

/**
 * Reads an ONNX file for the runtime: removes ZipMaps, replaces locales that may not be installed, inlines tensors stored in other files of the model's
 * folder, and rejects files that the digest does not cover. Loading the protobuf library slows startup, so this first searches the bytes, which contain
 * names verbatim.
 * @param isTooNew whether the runtime rejected the model as too new; declares an older version if that does not affect the model
 * @throws PredictorError
 */
export async function readOnnx(file: string, folder: string, isTooNew = false): Promise<OnnxBytes> {
  const { size } = await stat(file);
  if (size > LARGEST_ONNX)
    throw new PredictorError(`it has ${size} bytes, but ONNX files over 2 GiB are not supported`);
  const bytes = await readFile(file);
  if (bytes.toString("latin1", 4, 8) === "ORTM")
    throw new PredictorError("it is in onnxruntime's own format, which is not supported: export the model as ONNX");
  const hasZipMap = bytes.includes("ZipMap");
  const hasSigmoid = bytes.includes("Sigmoid");
  // Key under which a tensor names the file with its data.
  const mayNameFiles = bytes.includes("location");
  const hasLocale = bytes.includes("StringNormalizer");
  const isChanged = hasZipMap || mayNameFiles || hasLocale || isTooNew;
  if (!isChanged && !REVEALING_NAMES.some((name) => bytes.includes(name)))
    return { bytes, analysis: EMPTY_ANALYSIS, hasSigmoid };
  const onnx = await loadOnnxSchema();
  let model: Onnx.ModelProto;
  try {
    model = onnx.ModelProto.decode(bytes);
    if (mayNameFiles) await inlineExternalData(model, folder, file);
    if (hasLocale) useAvailableLocale(model);
    if (isTooNew) lowerVersions(model);
  } catch (cause) {
    if (cause instanceof PredictorError) throw cause;
    throw new PredictorError(`it is not an ONNX model: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  const encode = (of: Onnx.IModelProto) => onnx.ModelProto.encode(of).finish();
  const analysis = analyzeGraph(model, removeZipMaps(model), encode);
  // Re-encoding ensures that the inspected model is the one that runs: the runtime's parser might read the original bytes differently.
  return { bytes: isChanged ? encode(model) : bytes, analysis, hasSigmoid };
}
