import { sizeOf } from "../../data/field.ts";
import type { ClassName, ClassPrediction } from "../../data/prediction.ts";
import { NonFiniteAnswerError } from "../predictor/errors.ts";
import type { ClassAnswers, ModelOutput } from "../predictor/predictor.ts";
import type { AnswerData as TensorData } from "../predictor/read-answer.ts";
import type { Share } from "./batcher.ts";
import { LONGEST_NUMBER, numberText, putFloat32, putFloat64, putInteger } from "./number-text.ts";

// Writes responses as JSON text straight from the run's arrays, digit by digit: nested lists for JSON.stringify take ten times as long. Every value
// is an integer or a finite number (the predictor guarantees it), so that its text is valid JSON.

const [COMMA, OPEN, CLOSE] = [0x2c, 0x5b, 0x5d];
/** Buffers up to this size are reused. */
const KEPT_BYTES = 2 ** 18;
const kept = Buffer.allocUnsafeSlow(KEPT_BYTES);

/**
 * For a classifier `{"predictions":[…],"probabilities":[[…],…]}`, with `scores` instead if they are not probabilities, preceded by `classes` if those
 * are not 0, 1 and so on; for other models `{"predictions":[…]}`. See contract.ts.
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

/** Returns 64-bit integers from the tensor itself: the prediction holds them rounded to doubles. */
const wholeOf = (tensor: TensorData | undefined) =>
  tensor instanceof BigInt64Array || tensor instanceof BigUint64Array ? tensor : undefined;

/** `,"classes":[…]`, unless the classes equal the scores' indexes. */
const namesOf = ({ classes, width }: ClassAnswers): string =>
  classes && width > 1 && classes.some((name, index) => name !== index) ? `,"classes":${asciiJson(classes)}` : "";

/** The response of `mlflow models serve` for an ONNX model: its outputs by name. @throws NonFiniteAnswerError */
export const invocationsAnswer = (share: Share, outputs: readonly ModelOutput[]): string =>
  `{"predictions":{${outputs.map((output, place) => `${asciiJson(output.name)}:${ofOutput(share, output, place, output.inner)}`).join(",")}}}`;

export interface InferAnswerOptions {
  readonly outputs: readonly ModelOutput[];
  readonly model: string;
  readonly version: string;
  readonly id?: string;
  /** Names of the requested outputs; default: all. */
  readonly wanted?: readonly string[];
}

/** The Open Inference Protocol's response; data is flat, row-major. @throws NonFiniteAnswerError */
export function inferAnswer(share: Share, { outputs, model, version, id, wanted }: InferAnswerOptions): string {
  const tensors = outputs.flatMap((output, place) => {
    const { name, datatype, inner } = output;
    if (wanted !== undefined && !wanted.includes(name)) return [];
    const shape = [share.rows, ...inner];
    const data = datatype.endsWith("INT64") ? digits(share, output, place) : ofOutput(share, output, place, []);
    return `{"name":${asciiJson(name)},"datatype":"${datatype}","shape":[${shape}],"data":${data}}`;
  });
  const head = { model_name: model, model_version: version, ...(id !== undefined && { id }) };
  return `${asciiJson(head).slice(0, -1)},"outputs":[${tensors.join(",")}]}`;
}

/** Escapes names, which may contain any character: responses are ASCII. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** Writes 64-bit integers as the protocol requires: JSON integers with all digits. */
const digits = (share: Share, output: ModelOutput, place: number): string =>
  ofOutput(share, output, place, []).replaceAll('"', "");

/** @param shape of one row in the response; []: one flat list for all rows */
function ofOutput(
  share: Share,
  { name, role, inner, datatype }: ModelOutput,
  place: number,
  shape: readonly number[],
): string {
  if (role === "label") return labels(share);
  const { run, start, rows } = share;
  const size = sizeOf(inner);
  const tensor = run.tensors[place] ?? [];
  if (role === "other") checkFinite(name, tensor, size, share);
  const data = datatype === "BOOL" ? [...tensor].map(Boolean) : tensor;
  return shape.length === 0 ? list(data, start * size, (start + rows) * size) : nested(data, start, rows, shape);
}

/** Checks an output other than the prediction, whose values are always finite; only responses that contain the output check it. */
function checkFinite(name: string, data: TensorData, size: number, { start, rows }: Share): void {
  if (!(data instanceof Float32Array || data instanceof Float64Array || data instanceof Float16Array)) return;
  for (let at = start * size; at < (start + rows) * size; at++)
    if (!Number.isFinite(data[at])) throw new NonFiniteAnswerError(Math.floor(at / size) - start, name);
}

function labels({ run: { prediction }, start, rows }: Share): string {
  if (prediction.kind !== "classes") return "[]";
  const { classes, codes } = prediction;
  if (!areSmallIntegers(classes)) return texts(prediction, start, rows);
  const bytes = room(rows);
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

/** One list per row, nested by the row's dimensions. */
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

/** How to write a value; undefined if it is not a number of up to 53 bits. */
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
  const bytes = room(rows * (width + 1));
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
  const bytes = room(to - from);
  let at = 0;
  bytes[at++] = OPEN;
  for (let index = from; index < to; index++) {
    at = put(bytes, at, data[index] as number);
    bytes[at++] = COMMA;
  }
  bytes[at - 1] = CLOSE;
  return bytes.toString("latin1", 0, at);
}

/** Writes half floats, integers, texts and booleans. Integers beyond 2^53 are strings, as in requests: most JSON parsers would round them. */
const plain = (value: number | bigint | string | boolean): string => {
  if (typeof value === "string") return asciiJson(value);
  if (typeof value === "number") return numberText(value);
  return typeof value === "bigint" && !Number.isSafeInteger(Number(value)) ? `"${value}"` : `${value}`;
};

/** Reserves space for that many numbers or brackets, each with a comma. */
function room(numbers: number): Buffer {
  const size = 2 + numbers * (LONGEST_NUMBER + 1);
  return size <= KEPT_BYTES ? kept : Buffer.allocUnsafeSlow(size);
}
