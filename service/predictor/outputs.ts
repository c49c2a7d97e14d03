import type { InferenceSession, OnnxValue } from "onnxruntime-node";
import { NonFiniteAnswerError, PredictorError } from "./errors.ts";
import type { PlainTensor } from "./plain-tensor.ts";

/** Names of a model's outputs in its ONNX graph. A classifier has a label, all others values. */
export type OutputNames =
  | { readonly label: string; readonly probabilities?: string; readonly values?: never }
  | { readonly values: string; readonly label?: never; readonly probabilities?: never };

/** Numbers that a model answers with instead of classes: a regressor's, or a network's. */
export interface Values {
  /** Row-major, rows x width. */
  readonly data: Float32Array | Float64Array;
  readonly width: number;
  /** The shape is [rows], not [rows, width]. */
  readonly isFlat: boolean;
}

/** Ours, and those that skl2onnx writes. */
const LABEL_NAMES = ["label", "output_label"];
const PROBABILITY_NAMES = ["probabilities", "output_probability"];

type Metadata = InferenceSession.ValueMetadata;

/**
 * Finds out which outputs answer: the label, by its name or as the only one of integers or texts, and the probabilities by their name; without a
 * label, the only output of floating-point numbers. Throws PredictorError when they are not of a kind that is served.
 */
export function findOutputs(outputs: readonly Metadata[]): OutputNames {
  const named = (names: readonly string[]) => outputs.find(({ name }) => names.includes(name));
  const label = named(LABEL_NAMES) ?? only(outputs.filter(isLabel));
  if (!label) return { values: findValues(outputs).name };
  if (!isLabel(label))
    throw new PredictorError(`output ${label.name} is ${kind(label)}: integers and texts are served as labels`);
  const probabilities = named(PROBABILITY_NAMES);
  if (!probabilities) return { label: label.name };
  if (!probabilities.isTensor)
    throw new PredictorError(
      `output ${probabilities.name} is no tensor: only skl2onnx's ZipMap at the end of a graph is taken away`,
    );
  if (!isFloat(probabilities))
    throw new PredictorError(`output ${probabilities.name} is ${kind(probabilities)}: it must be a float tensor`);
  return { label: label.name, probabilities: probabilities.name };
}

function findValues(outputs: readonly Metadata[]): Metadata {
  const found = only(outputs.filter(isFloat));
  if (found) return found;
  throw new PredictorError(
    `which of the model's outputs answers cannot be told: they are ${outputs.map((output) => `${output.name}, ${kind(output)}`).join("; ")}. A model needs a label (named label or the only tensor of integers or texts) or one tensor of floats`,
  );
}

const only = <Item>(items: readonly Item[]) => (items.length === 1 ? items[0] : undefined);
const isLabel = (output: Metadata) =>
  output.isTensor && (output.type === "int64" || output.type === "int32" || output.type === "string");
const isFloat = (output: Metadata) => output.isTensor && (output.type === "float32" || output.type === "float64");
const kind = (output: Metadata) => (output.isTensor ? `a ${output.type} tensor` : "no tensor");

/** What a run has answered or written to. */
export type OutputValue = OnnxValue | PlainTensor | null | undefined;

/** Labels of an answer, one a row. Throws PredictorError when their number is another. */
export function readLabels(name: string, value: OutputValue, rows: number): number[] | string[] {
  const { data } = tensor(name, value);
  if (data.length !== rows) throw new PredictorError(`output ${name} has ${data.length} labels for ${rows} rows`);
  if (isTexts(data)) return [...data];
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

const isTexts = (data: unknown): data is string[] => Array.isArray(data);

/** Probabilities of an answer, row-major. Throws NonFiniteAnswerError; PredictorError when the rows do not fit. */
export function readProbabilities(name: string, value: OutputValue, rows: number): Float32Array {
  const { data } = numbers(name, value, rows);
  return data instanceof Float32Array ? data : Float32Array.from(data);
}

/** Values of an answer. Throws as readProbabilities does. */
export function readValues(name: string, value: OutputValue, rows: number): Values {
  const { data, dims } = numbers(name, value, rows);
  return { data, width: data.length / rows, isFlat: dims.length === 1 };
}

function numbers(name: string, value: OutputValue, rows: number) {
  const { data, dims } = tensor(name, value);
  if (!(data instanceof Float32Array || data instanceof Float64Array) || dims[0] !== rows || data.length === 0)
    throw new PredictorError(`output ${name} has shape [${dims}] for ${rows} rows: it must be [${rows}, n]`);
  if (dims.length > 2)
    throw new PredictorError(`output ${name} has shape [${dims}]: one list of numbers a row is served`);
  const width = data.length / rows;
  for (let index = 0; index < data.length; index++)
    if (!Number.isFinite(data[index])) throw new NonFiniteAnswerError(Math.floor(index / width));
  return { data, dims };
}

function tensor(name: string, value: OutputValue) {
  if (value && "dims" in value) return value;
  throw new PredictorError(`the model gave no tensor for its output ${name}`);
}
