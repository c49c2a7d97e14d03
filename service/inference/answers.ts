import type { ClassifierOutputs } from "../predictor/predictor.ts";
import type { Share } from "./batcher.ts";

// Answers as JSON text, written straight from the run's arrays: lists of lists made for JSON.stringify take more than twice as long. Each value is an
// integer or a finite number (predictor.ts sees to it), so that its text is its JSON.

/** `{"predictions":[…],"probabilities":[[…],…]}`; see contract.ts. */
export const predictAnswer = (share: Share): string =>
  share.predictions.probabilities
    ? `{"predictions":${labels(share)},"probabilities":${probabilities(share)}}`
    : `{"predictions":${labels(share)}}`;

/** As `mlflow models serve` answers for an ONNX model: its outputs by name. */
export const invocationsAnswer = (share: Share, { label, probabilities: name }: ClassifierOutputs): string => {
  const more = name === undefined ? "" : `,${JSON.stringify(name)}:${probabilities(share)}`;
  return `{"predictions":{${JSON.stringify(label)}:${labels(share)}${more}}}`;
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
      tensors.push(`{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape}],"data":${data}}`);
  };
  add(names.label, "INT64", [share.rows], labels(share));
  if (names.probabilities !== undefined)
    add(names.probabilities, "FP32", [share.rows, classes], `[${flat(share, 0, share.rows)}]`);
  const head = { model_name: model, model_version: version, ...(id !== undefined && { id }) };
  return `${JSON.stringify(head).slice(0, -1)},"outputs":[${tensors.join(",")}]}`;
}

function labels({ predictions, start, rows }: Share): string {
  let text = `[${predictions.labels[start]}`;
  for (let row = start + 1; row < start + rows; row++) text += `,${predictions.labels[row]}`;
  return `${text}]`;
}

function probabilities(share: Share): string {
  let text = `[[${flat(share, 0, 1)}]`;
  for (let row = 1; row < share.rows; row++) text += `,[${flat(share, row, row + 1)}]`;
  return `${text}]`;
}

/** The probabilities of rows from to to - 1 of a share. */
function flat({ predictions, start }: Share, from: number, to: number): string {
  const { probabilities: values, classes } = predictions;
  if (!values) return "";
  const first = (start + from) * classes;
  const end = (start + to) * classes;
  let text = `${values[first]}`;
  for (let index = first + 1; index < end; index++) text += `,${values[index]}`;
  return text;
}
