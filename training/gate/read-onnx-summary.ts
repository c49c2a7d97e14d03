import { readFile } from "node:fs/promises";
import { PredictorError } from "../../service/predictor/errors.ts";
import { loadOnnxSchema } from "../../service/predictor/onnx-schema.ts";
import { type OnnxSummary, summarizeOnnx } from "../../service/predictor/onnx-summary.ts";

/**
 * Summarizes an ONNX file without running it.
 * @throws PredictorError if it is not an ONNX model, or its graphs are nested too deeply
 */
export async function readOnnxSummary(path: string): Promise<OnnxSummary> {
  const bytes = await readFile(path);
  const onnx = await loadOnnxSchema();
  try {
    return summarizeOnnx(onnx.ModelProto.decode(bytes));
  } catch (cause) {
    throw new PredictorError(`${path} is not an ONNX model: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}
