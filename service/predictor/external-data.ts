import { lstat, readFile, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, normalize, relative, sep } from "node:path";
import type { onnx as Onnx } from "onnx-proto";
import { isCovered } from "../../registry/artifact-digest.ts";
import { PredictorError } from "./errors.ts";
import { externalTensors } from "./onnx-summary.ts";

/** TensorProto.DataLocation. */
const [DEFAULT, EXTERNAL] = [0, 1];

/** Protobuf's limit on the size of a message. */
export const LARGEST_ONNX = 2 ** 31 - 1;

/**
 * Loads tensors that are stored in other files into the model, in place. By default, MLflow's `log_model` writes tensors of 1 KiB and more to a file next
 * to the model. The runtime receives no path, so it reads no file itself.
 * @param folder of the model, with symbolic links resolved
 * @param onnxFile path of the ONNX file in that folder
 * @throws PredictorError for a file outside the folder, behind a symbolic link, or not covered by the model's digest
 */
export async function inlineExternalData(model: Onnx.IModelProto, folder: string, onnxFile: string): Promise<void> {
  const files = new Map<string, Buffer>();
  let total = 0;
  for (const tensor of externalTensors(model)) {
    const entries = new Map((tensor.externalData ?? []).map(({ key, value }) => [key ?? "", value ?? ""]));
    const location = entries.get("location") ?? "";
    const refuse = (why: string, cause?: unknown): never => {
      throw new PredictorError(
        `tensor ${tensor.name} is stored in another file, ${JSON.stringify(location)}, ${why}`,
        cause === undefined ? {} : { cause },
      );
    };
    if (tensor.dataLocation !== EXTERNAL) refuse("but its data_location is DEFAULT: export the model again");
    const path = normalize(location);
    if (location === "" || isAbsolute(path)) refuse("which is not a path in the model's folder");
    const file = join(dirname(onnxFile), path);
    const inFolder = relative(folder, file);
    if (inFolder === "" || inFolder.startsWith("..") || isAbsolute(inFolder))
      refuse("which is outside the model's folder");
    if (!isCovered(inFolder.split(sep).join("/"))) refuse("which the model's digest does not cover");
    let data = files.get(file);
    if (!data) {
      const stats = await lstat(file).catch((cause) => refuse("which is not in the model's folder", cause));
      if (!stats.isFile() || (await realpath(file)) !== file)
        refuse("which is not a regular file in the model's folder");
      if (stats.size > LARGEST_ONNX) refuse(`which has ${stats.size} bytes, but files over 2 GiB are not supported`);
      data = await readFile(file);
      files.set(file, data);
    }
    const offset = wholeNumber(entries.get("offset") ?? "0");
    const length = entries.has("length") ? wholeNumber(entries.get("length") ?? "") : data.length - offset;
    if (!(length >= 0 && offset + length <= data.length))
      refuse(
        `at offset ${entries.get("offset") ?? 0}${entries.has("length") ? ` with length ${entries.get("length")}` : ""}, but the file has only ${data.length} bytes`,
      );
    total += length;
    if (total > LARGEST_ONNX) refuse("and the model's tensors exceed 2 GiB, which is not supported");
    tensor.rawData = data.subarray(offset, offset + length);
    tensor.dataLocation = DEFAULT;
    tensor.externalData = [];
  }
}

/** Parses a whole number; NaN if the text is not one. */
const wholeNumber = (text: string) => (/^\d{1,15}$/.test(text) ? Number(text) : Number.NaN);
