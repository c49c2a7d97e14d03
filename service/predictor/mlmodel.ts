import { lstat, readFile, realpath } from "node:fs/promises";
import { isAbsolute, join, normalize } from "node:path";
import { isCovered } from "../../registry/artifact-digest.ts";
import { PredictorError } from "./errors.ts";
import { type PredictionHints, parseHints } from "./hints.ts";
import { parseSignature, type Signature } from "./signature.ts";

/** Contents of an MLmodel file. */
export interface ModelDescription {
  readonly signature: Signature;
  /** Declarations of what the graph does not reveal. */
  readonly hints: PredictionHints;
  /** The model's folder, with symbolic links resolved. */
  readonly folder: string;
  /** Path of the ONNX file. */
  readonly onnxFile: string;
}

/** Reads and validates `<folder>/MLmodel` (YAML, a superset of JSON). @throws PredictorError */
export async function readMlmodel(folder: string): Promise<ModelDescription> {
  const path = join(folder, "MLmodel");
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new PredictorError(`${path} cannot be read: ${cause.message}`, { cause });
  });
  const mlmodel = await parse(path, text);
  try {
    const [signature, hints] = [parseSignature(mlmodel), parseHints(mlmodel)];
    return { signature, hints, folder: await realpath(folder), onnxFile: await onnxFile(folder, mlmodel) };
  } catch (error) {
    if (error instanceof PredictorError) throw new PredictorError(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

async function parse(path: string, text: string): Promise<unknown> {
  try {
    // This project's trainer writes JSON. Loading a YAML parser would take a fifth of the service's startup time.
    return text.trimStart().startsWith("{") ? JSON.parse(text) : (await import("yaml")).parse(text);
  } catch (cause) {
    throw new PredictorError(`${path} is not YAML: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** Returns the path of the ONNX file. Rejects symbolic links, because the model's digest does not cover their targets. */
async function onnxFile(folder: string, mlmodel: unknown): Promise<string> {
  const data = (mlmodel as { flavors?: { onnx?: { data?: unknown } } }).flavors?.onnx?.data;
  if (typeof data !== "string" || data === "")
    throw new PredictorError("flavors.onnx.data does not name an ONNX file: log the model with mlflow.onnx");
  const relative = normalize(data);
  if (isAbsolute(relative) || relative.startsWith(".."))
    throw new PredictorError(`flavors.onnx.data is ${JSON.stringify(data)}, which is outside the model's folder`);
  if (!isCovered(relative))
    throw new PredictorError(`flavors.onnx.data names ${data}, which the model's digest does not cover`);
  const file = join(await realpath(folder), relative);
  const stats = await lstat(file).catch((cause) => {
    throw new PredictorError(`flavors.onnx.data names ${data}, which does not exist`, { cause });
  });
  if (!stats.isFile() || (await realpath(file)) !== file)
    throw new PredictorError(`flavors.onnx.data names ${data}, which is not a regular file in the model's folder`);
  return file;
}
