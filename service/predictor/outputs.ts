import type { InferenceSession, OnnxValue } from "onnxruntime-node";
import { NonFiniteAnswerError, PredictorError } from "./errors.ts";
import type { PlainTensor } from "./plain-tensor.ts";

/** The outputs of a classifier: their names in the ONNX graph. */
export interface ClassifierOutputs {
  readonly label: string;
  readonly probabilities?: string;
}

/** Ours, and those that skl2onnx writes. */
const LABEL_NAMES = ["label", "output_label"];
const PROBABILITY_NAMES = ["probabilities", "output_probability"];

type Metadata = readonly InferenceSession.ValueMetadata[];

/** Finds label and probabilities among a model's outputs. Throws PredictorError when they are not of a kind that is served. */
export function findOutputs(outputs: Metadata): ClassifierOutputs {
  const find = (names: readonly string[]) => outputs.find(({ name }) => names.includes(name));
  const label = find(LABEL_NAMES);
  if (!label)
    throw new PredictorError(
      `the model has the outputs ${outputs.map(({ name }) => name).join(", ")}, and none of them is ${LABEL_NAMES.join(" or ")}`,
    );
  if (!label.isTensor || (label.type !== "int64" && label.type !== "int32"))
    throw new PredictorError(`output ${label.name} is ${kind(label)}: integer labels (int64) are served`);
  const probabilities = find(PROBABILITY_NAMES);
  if (!probabilities) return { label: label.name };
  if (!probabilities.isTensor)
    throw new PredictorError(
      `output ${probabilities.name} is no tensor: only skl2onnx's ZipMap at the end of a graph is taken away`,
    );
  if (probabilities.type !== "float32")
    throw new PredictorError(`output ${probabilities.name} is ${kind(probabilities)}: it must be a float32 tensor`);
  return { label: label.name, probabilities: probabilities.name };
}

const kind = (output: InferenceSession.ValueMetadata) => (output.isTensor ? `a ${output.type} tensor` : "no tensor");

/** What a run has answered or written to. */
export type OutputValue = OnnxValue | PlainTensor | undefined;

/** Labels of an answer, one a row. Throws PredictorError when their number is another. */
export function readLabels(name: string, value: OutputValue, rows: number): number[] {
  const { data } = tensor(name, value);
  if (data.length !== rows) throw new PredictorError(`output ${name} has ${data.length} labels for ${rows} rows`);
  const labels = new Array<number>(rows);
  if (data instanceof BigInt64Array) {
    // Two halves of 32 bits (the runtime's platforms are little-endian): a bigint for each label would be an object for each label.
    const halves = new Int32Array(data.buffer, data.byteOffset, rows * 2);
    for (let row = 0; row < rows; row++) {
      const low = halves[row * 2] as number;
      labels[row] = halves[row * 2 + 1] === low >> 31 ? low : Number(data[row]);
    }
  } else for (let row = 0; row < rows; row++) labels[row] = Number(data[row]);
  return labels;
}

/** Probabilities of an answer, row-major. Throws NonFiniteAnswerError; PredictorError when the rows do not fit. */
export function readProbabilities(name: string, value: OutputValue, rows: number): Float32Array {
  const { data, dims } = tensor(name, value);
  if (!(data instanceof Float32Array) || dims[0] !== rows || data.length === 0 || dims.length > 2)
    throw new PredictorError(`output ${name} has shape [${dims}] for ${rows} rows: it must be [${rows}, classes]`);
  const classes = data.length / rows;
  for (let index = 0; index < data.length; index++)
    if (!Number.isFinite(data[index])) throw new NonFiniteAnswerError(Math.floor(index / classes));
  return data;
}

function tensor(name: string, value: OutputValue) {
  if (value && "dims" in value) return value;
  throw new PredictorError(`the model gave no tensor for its output ${name}`);
}
