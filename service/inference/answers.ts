import { sizeOf } from "../../data/field.ts";
import type { ClassName, ClassPrediction } from "../../data/prediction.ts";
import { unicodeEscape } from "../../data/printable.ts";
import { NonFiniteAnswerError } from "../predictor/errors.ts";
import type { ClassAnswers, ModelOutput } from "../predictor/predictor.ts";
import type { AnswerData as TensorData } from "../predictor/read-answer.ts";
import type { Share } from "./batcher.ts";
import { LONGEST_NUMBER, numberText, putFloat32, putFloat64, putInteger } from "./number-text.ts";

// Writes responses as JSON directly from the run's arrays, digit by digit: building nested lists for JSON.stringify takes ten times as long. The
// predictor guarantees that every number is finite, so its text is valid JSON.

const [COMMA, OPEN, CLOSE] = [0x2c, 0x5b, 0x5d];
/** Buffers up to this size are reused. */
const KEPT_BYTES = 2 ** 18;
const kept = Buffer.allocUnsafeSlow(KEPT_BYTES);

/**
 * Writes the response of `/predict`. For a classifier: `{"predictions":[…],"probabilities":[[…],…]}`, with `scores` instead if they are not probabilities,
 * preceded by `classes` unless those are 0, 1 and so on. For other models: `{"predictions":[…]}`. See contract.ts.
 */
export function predictAnswer(share: Share, answers: ClassAnswers | undefined): string {
  const { run, start, rows } = share;
  const { prediction } = run;
  if (prediction.kind === "values") {
    const { shape } = prediction;
    const data = wholeOf(run.tensors[0]) ?? prediction.data;
    return `{"predictions":${nested(data, start, rows, sizeOf(shape) === 1 ? [] : shape)}}`;
  }
  const { scores } = prediction;
  if (!scores || !answers?.scores) return `{"predictions":${labels(share)}}`;
  const { output, width } = answers;
  const data = output === undefined ? scores.data : (run.tensors[output] ?? scores.data);
  const text = nested(data, start, rows, [width]);
  return `{"predictions":${labels(share)}${namesOf(answers)},"${answers.scores}":${text}}`;
}

/** Returns the tensor itself if it has 64-bit integers, which the prediction rounds to doubles. */
const wholeOf = (tensor: TensorData | undefined) =>
  tensor instanceof BigInt64Array || tensor instanceof BigUint64Array ? tensor : undefined;

/** Returns `,"classes":[…]`, unless the classes equal their indexes. */
const namesOf = ({ classes, width }: ClassAnswers): string =>
  classes && width > 1 && classes.some((name, index) => name !== index) ? `,"classes":${asciiJson(classes)}` : "";

/** Writes a response as `mlflow models serve` does for an ONNX model: its outputs by name. @throws NonFiniteAnswerError */
export const invocationsAnswer = (share: Share, outputs: readonly ModelOutput[]): string =>
  `{"predictions":{${outputs.map((output, outputIndex) => `${asciiJson(output.name)}:${ofOutput(share, output, outputIndex, output.inner)}`).join(",")}}}`;

export interface InferAnswerOptions {
  readonly outputs: readonly ModelOutput[];
  readonly model: string;
  readonly version: string;
  readonly id?: string;
  /** Names of the requested outputs; default: all. */
  readonly wanted?: readonly string[];
}

/** Writes the Open Inference Protocol's response. Data is flat, row-major. @throws NonFiniteAnswerError */
export function inferAnswer(share: Share, { outputs, model, version, id, wanted }: InferAnswerOptions): string {
  const tensors = outputs.flatMap((output, outputIndex) => {
    const { name, datatype, inner } = output;
    if (wanted !== undefined && !wanted.includes(name)) return [];
    const shape = [share.rows, ...inner];
    const data = datatype.endsWith("INT64")
      ? digits(share, output, outputIndex)
      : ofOutput(share, output, outputIndex, []);
    return `{"name":${asciiJson(name)},"datatype":"${datatype}","shape":[${shape}],"data":${data}}`;
  });
  const head = { model_name: model, model_version: version, ...(id !== undefined && { id }) };
  return `${asciiJson(head).slice(0, -1)},"outputs":[${tensors.join(",")}]}`;
}

/** Writes JSON in ASCII, with all other characters escaped: names may contain any character, but responses are ASCII. */
const asciiJson = (value: unknown): string => JSON.stringify(value).replace(/[\u0080-\uffff]/g, unicodeEscape);

/** Writes 64-bit integers as the protocol requires: JSON integers with all digits. */
const digits = (share: Share, output: ModelOutput, outputIndex: number): string =>
  ofOutput(share, output, outputIndex, []).replaceAll('"', "");

/** Writes an output's values. @param shape of one row in the response; [] for one flat list of all rows */
function ofOutput(
  share: Share,
  { name, role, inner, datatype }: ModelOutput,
  outputIndex: number,
  shape: readonly number[],
): string {
  if (role === "label") return labels(share);
  const { run, start, rows } = share;
  const size = sizeOf(inner);
  const tensor = run.tensors[outputIndex] ?? [];
  if (role === "other") checkFinite(name, tensor, size, share);
  const data = datatype === "BOOL" ? [...tensor].map(Boolean) : tensor;
  return shape.length === 0 ? list(data, start * size, (start + rows) * size) : nested(data, start, rows, shape);
}

/** Checks an output that is not part of the prediction, only for responses that contain it. The prediction itself is always finite. */
function checkFinite(name: string, data: TensorData, size: number, { start, rows }: Share): void {
  if (!(data instanceof Float32Array || data instanceof Float64Array || data instanceof Float16Array)) return;
  for (let at = start * size; at < (start + rows) * size; at++)
    if (!Number.isFinite(data[at])) throw new NonFiniteAnswerError(Math.floor(at / size) - start, name);
}

function labels({ run: { prediction }, start, rows }: Share): string {
  if (prediction.kind !== "classes") return "[]";
  const { classes, codes } = prediction;
  if (!areSmallIntegers(classes)) return texts(prediction, start, rows);
  const bytes = bufferFor(rows);
  let at = 0;
  bytes[at++] = OPEN;
  for (let row = start; row < start + rows; row++) {
    at = putInteger(bytes, at, classes[codes[row] as number] as number);
    bytes[at++] = COMMA;
  }
  bytes[at - 1] = CLOSE;
  return bytes.toString("latin1", 0, at);
}

function areSmallIntegers(classes: readonly ClassName[]): boolean {
  for (let index = 0; index < classes.length; index++) if (!Number.isSafeInteger(classes[index])) return false;
  return true;
}

function texts({ classes, codes }: ClassPrediction, start: number, rows: number): string {
  const names = classes.map(asciiJson);
  let text = "";
  for (let row = start; row < start + rows; row++) text += `${text === "" ? "" : ","}${names[codes[row] as number]}`;
  return `[${text}]`;
}

/** Writes one list per row, nested by the row's dimensions. */
function nested(data: AnswerData, start: number, rows: number, shape: readonly number[]): string {
  const size = sizeOf(shape);
  if (shape.length === 0) return list(data, start, start + rows);
  if (shape.length === 1) return lists(data, size, start, rows);
  const inner = shape.slice(1);
  const [count = 1] = shape;
  const parts = Array.from({ length: rows }, (_, row) => nested(data, (start + row) * count, count, inner));
  return `[${parts.join(",")}]`;
}

type AnswerData = TensorData | readonly boolean[];

type Put = (bytes: Uint8Array, at: number, value: number) => number;

/** Returns the function that writes a float; undefined for other types, which `plain` writes. */
function putOf(data: AnswerData): Put | undefined {
  if (data instanceof Float32Array) return putFloat32;
  if (data instanceof Float64Array) return putFloat64;
  return undefined;
}

function lists(data: AnswerData, width: number, start: number, rows: number): string {
  const put = putOf(data);
  if (!put) {
    const parts = Array.from({ length: rows }, (_, row) =>
      list(data, (start + row) * width, (start + row + 1) * width),
    );
    return `[${parts.join(",")}]`;
  }
  const bytes = bufferFor(rows * (width + 1));
  let at = 0;
  bytes[at++] = OPEN;
  for (let row = start; row < start + rows; row++) {
    bytes[at++] = OPEN;
    for (let index = row * width; index < (row + 1) * width; index++) {
      at = put(bytes, at, data[index] as number);
      bytes[at++] = COMMA;
    }
    bytes[at - 1] = CLOSE;
    bytes[at++] = COMMA;
  }
  bytes[at - 1] = CLOSE;
  return bytes.toString("latin1", 0, at);
}

function list(data: AnswerData, from: number, to: number): string {
  const put = putOf(data);
  if (!put) return `[${Array.from(data.slice(from, to), plain).join(",")}]`;
  const bytes = bufferFor(to - from);
  let at = 0;
  bytes[at++] = OPEN;
  for (let index = from; index < to; index++) {
    at = put(bytes, at, data[index] as number);
    bytes[at++] = COMMA;
  }
  bytes[at - 1] = CLOSE;
  return bytes.toString("latin1", 0, at);
}

/** Writes half floats, integers, strings and booleans. Integers beyond 2^53 become strings, as in requests, because most JSON parsers would round them. */
const plain = (value: number | bigint | string | boolean): string => {
  if (typeof value === "string") return asciiJson(value);
  if (typeof value === "number") return numberText(value);
  return typeof value === "bigint" && !Number.isSafeInteger(Number(value)) ? `"${value}"` : `${value}`;
};

/** Returns a buffer with space for that many numbers or brackets, each with a comma. */
function bufferFor(numbers: number): Buffer {
  const size = 2 + numbers * (LONGEST_NUMBER + 1);
  return size <= KEPT_BYTES ? kept : Buffer.allocUnsafeSlow(size);
}
