import type { ClassifierOutputs } from "../predictor/predictor.ts";
import type { Share } from "./batcher.ts";
import { LONGEST_NUMBER, putFloat32, putInteger } from "./number-text.ts";

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
    : `{"predictions":${labels(share)}}`;

/** As `mlflow models serve` answers for an ONNX model: its outputs by name. */
export const invocationsAnswer = (share: Share, { label, probabilities: name }: ClassifierOutputs): string => {
  const more = name === undefined ? "" : `,${asciiJson(name)}:${probabilities(share)}`;
  return `{"predictions":{${asciiJson(label)}:${labels(share)}${more}}}`;
};

export interface InferAnswerOptions {
  readonly names: ClassifierOutputs;
  readonly model: string;
  readonly version: string;
  readonly id?: string;
  readonly outputs?: readonly string[];
}

/** The Open Inference Protocol's answer; data is flat, row-major. */
export function inferAnswer(share: Share, { names, model, version, id, outputs }: InferAnswerOptions): string {
  const { classes } = share.predictions;
  const tensors: string[] = [];
  const add = (name: string, datatype: string, shape: readonly number[], data: string) => {
    if (outputs === undefined || outputs.includes(name))
      tensors.push(`{"name":${asciiJson(name)},"datatype":"${datatype}","shape":[${shape}],"data":${data}}`);
  };
  add(names.label, "INT64", [share.rows], labels(share));
  if (names.probabilities !== undefined)
    add(names.probabilities, "FP32", [share.rows, classes], flatProbabilities(share));
  const head = { model_name: model, model_version: version, ...(id !== undefined && { id }) };
  return `${asciiJson(head).slice(0, -1)},"outputs":[${tensors.join(",")}]}`;
}

/** Names may have any letters; an answer is ASCII all the same. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

function labels({ predictions, start, rows }: Share): string {
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
function probabilities({ predictions, start, rows }: Share): string {
  const { probabilities: values, classes } = predictions;
  if (!values) return "[]";
  const bytes = room(rows * (classes + 1));
  let at = 0;
  bytes[at++] = OPEN;
  for (let row = start; row < start + rows; row++) {
    bytes[at++] = OPEN;
    for (let index = row * classes; index < (row + 1) * classes; index++) {
      at = putFloat32(bytes, at, values[index] as number);
      bytes[at++] = COMMA;
    }
    bytes[at - 1] = CLOSE;
    bytes[at++] = COMMA;
  }
  bytes[at - 1] = CLOSE;
  return bytes.toString("latin1", 0, at);
}

/** One list of all rows. */
function flatProbabilities({ predictions, start, rows }: Share): string {
  const { probabilities: values, classes } = predictions;
  if (!values) return "[]";
  const bytes = room(rows * classes);
  let at = 0;
  bytes[at++] = OPEN;
  for (let index = start * classes; index < (start + rows) * classes; index++) {
    at = putFloat32(bytes, at, values[index] as number);
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
