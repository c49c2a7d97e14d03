import { readFile, stat } from "node:fs/promises";
import type { onnx as Onnx } from "onnx-proto";
import { PredictorError } from "./errors.ts";
import { inlineExternalData, LARGEST_ONNX } from "./external-data.ts";
import { analyzeGraph, EMPTY_ANALYSIS, type GraphAnalysis, TELLING_NAMES } from "./graph-analysis.ts";
import { usePresentLocale } from "./locales.ts";
import { loadOnnxSchema } from "./onnx-schema.ts";
import { lowerVersions } from "./versions.ts";
import { removeZipMaps } from "./zipmap.ts";

export interface OnnxBytes {
  readonly bytes: Uint8Array;
  readonly facts: GraphAnalysis;
  /** Whether it contains such an operator. */
  readonly hasSigmoid: boolean;
}

/**
 * Reads an ONNX file for the runtime: removes ZipMaps, names a locale that is present, inlines tensors stored in other files of the model's folder, and rejects files that the digest
 * does not cover. Loading the protobuf library slows startup, so this first searches the bytes, which contain names verbatim.
 * @param isTooNew the runtime rejected it as too new: declares an older version if that changes nothing
 * @throws PredictorError
 */
export async function readOnnx(file: string, folder: string, isTooNew = false): Promise<OnnxBytes> {
  const { size } = await stat(file);
  if (size > LARGEST_ONNX)
    throw new PredictorError(`it has ${size} bytes, and ONNX files of more than 2 GiB are not supported`);
  const bytes = await readFile(file);
  if (bytes.toString("latin1", 4, 8) === "ORTM")
    throw new PredictorError("it is in onnxruntime's own format, which is not supported: export the model as ONNX");
  const hasZipMap = bytes.includes("ZipMap");
  const hasSigmoid = bytes.includes("Sigmoid");
  // The key by which a tensor names the file with its data.
  const mayNameFiles = bytes.includes("location");
  const hasLocale = bytes.includes("StringNormalizer");
  const isChanged = hasZipMap || mayNameFiles || hasLocale || isTooNew;
  if (!isChanged && !TELLING_NAMES.some((name) => bytes.includes(name)))
    return { bytes, facts: EMPTY_ANALYSIS, hasSigmoid };
  const onnx = await loadOnnxSchema();
  let model: Onnx.ModelProto;
  try {
    model = onnx.ModelProto.decode(bytes);
    if (mayNameFiles) await inlineExternalData(model, folder, file);
    if (hasLocale) usePresentLocale(model);
    if (isTooNew) lowerVersions(model);
  } catch (cause) {
    if (cause instanceof PredictorError) throw cause;
    throw new PredictorError(`it is not an ONNX model: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  const encode = (of: Onnx.IModelProto) => onnx.ModelProto.encode(of).finish();
  const facts = analyzeGraph(model, removeZipMaps(model), encode);
  // Re-encoded: what runs is what was inspected. The runtime's parser may read the original bytes differently.
  return { bytes: isChanged ? encode(model) : bytes, facts, hasSigmoid };
}
