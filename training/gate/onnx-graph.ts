import { readFile } from "node:fs/promises";
import { PredictorError } from "../../service/predictor/errors.ts";
import { type OnnxFacts, onnxFacts } from "../../service/predictor/onnx-facts.ts";
import { loadOnnxSchema } from "../../service/predictor/onnx-schema.ts";

/**
 * Reads what is to be known of an ONNX file without running it.
 * @throws PredictorError when it is no ONNX model, or one with graphs too deep in each other to be read
 */
export async function readOnnxFacts(path: string): Promise<OnnxFacts> {
  const bytes = await readFile(path);
  const onnx = await loadOnnxSchema();
  try {
    return onnxFacts(onnx.ModelProto.decode(bytes));
  } catch (cause) {
    throw new PredictorError(`${path} is no ONNX model: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
