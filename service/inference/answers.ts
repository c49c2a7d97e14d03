import type { ModelOutput } from "../predictor/predictor.ts";
import type { Share } from "./batcher.ts";
import { LONGEST_NUMBER, putFloat32, putFloat64, putInteger } from "./number-text.ts";

// Answers as JSON text, written straight from the run's arrays, digit by digit: lists of lists made for JSON.stringify take ten times as long. Each value
// is an integer or a finite number (predictor.ts sees to it), so that its text is its JSON.

const [COMMA, OPEN, CLOSE] = [0x2c, 0x5b, 0x5d];
/** Memory for texts up to this size is kept. */
const KEPT_BYTES = 2 ** 18;
const kept = Buffer.allocUnsafeSlow(KEPT_BYTES);

/** `{"predictions":[…],"probabilities":[[…],…]}`; see contract.ts. */
export const predictAnswer = (share: Share): string =>
  share.predictions.probabilities
    ? `{"predictions":${labels(share)},"probabilities":${probabilities(share)}}`
    : `{"predictions":${share.predictions.values ? values(share, share.predictions.values.width === 1) : labels(share)}}`;

/** As `mlflow models serve` answers for an ONNX model: its outputs by name. */
export const invocationsAnswer = (share: Share, outputs: readonly ModelOutput[]): string => {
  const { values: found } = share.predictions;
  const text = { label: labels, probabilities, values: (share: Share) => values(share, found?.isFlat === true) };
  return `{"predictions":{${outputs.map(({ name, role }) => `${asciiJson(name)}:${text[role](share)}`).join(",")}}}`;
};

export interface InferAnswerOptions {
  readonly outputs: readonly ModelOutput[];
  readonly model: string;
  readonly version: string;
  readonly id?: string;
  /** Names of those that are wanted; without it, all. */
  readonly wanted?: readonly string[];
}

/** The Open Inference Protocol's answer; data is flat, row-major. */
export function inferAnswer(share: Share, { outputs, model, version, id, wanted }: InferAnswerOptions): string {
  const text = { label: labels, probabilities: flatProbabilities, values: (share: Share) => values(share, true) };
  const tensors = outputs
    .filter(({ name }) => wanted === undefined || wanted.includes(name))
    .map(({ name, role, datatype, inner }) => {
      const shape = [share.rows, ...inner];
      return `{"name":${asciiJson(name)},"datatype":"${datatype}","shape":[${shape}],"data":${text[role](share)}}`;
    });
  const head = { model_name: model, model_version: version, ...(id !== undefined && { id }) };
  return `${asciiJson(head).slice(0, -1)},"outputs":[${tensors.join(",")}]}`;
}

/** Names may have any letters; an answer is ASCII all the same. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

function labels({ predictions, start, rows }: Share): string {
  if (typeof predictions.labels[start] === "string") return asciiJson(predictions.labels.slice(start, start + rows));
  const bytes = room(rows);
  let at = 0;
  bytes[at++] = OPEN;
  for (let row = start; row < start + rows; row++) {
    at = putInteger(bytes, at, predictions.labels[row] as number);
    bytes[at++] = COMMA;
  }
  bytes[at - 1] = CLOSE;
  return bytes.toString("latin1", 0, at);
}

/** A list a row. */
const probabilities = ({ predictions: { probabilities: data, classes }, start, rows }: Share): string =>
  data ? lists(data, classes, start, rows) : "[]";

/** One list of all rows. */
const flatProbabilities = ({ predictions: { probabilities: data, classes }, start, rows }: Share): string =>
  data ? list(data, start * classes, (start + rows) * classes) : "[]";

function values({ predictions: { values }, start, rows }: Share, isFlat: boolean): string {
  if (!values) return "[]";
  const { data, width } = values;
  if (isFlat) return list(data, start * width, (start + rows) * width);
  return lists(data, width, start, rows);
}

type Numbers = Float32Array | Float64Array;

function lists(data: Numbers, width: number, start: number, rows: number): string {
  const bytes = room(rows * (width + 1));
  const put = data instanceof Float32Array ? putFloat32 : putFloat64;
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

function list(data: Numbers, from: number, to: number): string {
  const bytes = room(to - from);
  const put = data instanceof Float32Array ? putFloat32 : putFloat64;
  let at = 0;
  bytes[at++] = OPEN;
  for (let index = from; index < to; index++) {
    at = put(bytes, at, data[index] as number);
    bytes[at++] = COMMA;
  }
  bytes[at - 1] = CLOSE;
  return bytes.toString("latin1", 0, at);
}

/** For so many numbers or brackets, each with a comma. */
function room(numbers: number): Buffer {
  const size = 2 + numbers * (LONGEST_NUMBER + 1);
  return size <= KEPT_BYTES ? kept : Buffer.allocUnsafeSlow(size);
}
