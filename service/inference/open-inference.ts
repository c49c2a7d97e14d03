import type { ModelSignature } from "../predictor/signature.ts";
import { countRows, invalid, invalidNumber, isRecord, kind, pointerTo, type Rows } from "./rows.ts";

// The Open Inference Protocol v2 (KServe, Triton, MLServer), its JSON form:
// https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md

/** Number types that are taken; all are served as float32. */
const DATATYPES = ["FP32", "FP64", "FP16", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"];
const MEMBERS = ["id", "parameters", "inputs", "outputs"];

export interface InferRequest extends Rows {
  /** Sent back as it is. */
  readonly id?: string;
  /** Names of the outputs that are wanted; without it, all. */
  readonly outputs?: readonly string[];
}

/**
 * Reads the parsed body of `/v2/models/{name}/infer`: one tensor [rows, features], or one tensor [rows] or [rows, 1] a column, named as
 * the model's columns. Data may be flat or nested. Throws ProblemError as readRows does.
 */
export function readInferRequest(
  body: unknown,
  signature: ModelSignature,
  maxRows: number,
  names: readonly string[],
): InferRequest {
  if (!isRecord(body)) throw invalid("", `must be an object with inputs, not ${kind(body)}`);
  for (const key in body) if (!MEMBERS.includes(key)) throw invalid(pointerTo(key), "is not known");
  const { id, inputs, outputs, parameters } = body;
  checkParameters(parameters, "/parameters");
  if (id !== undefined && typeof id !== "string") throw invalid("/id", `must be a string, not ${kind(id)}`);
  if (!Array.isArray(inputs) || inputs.length === 0) throw invalid("/inputs", "must be a list of tensors");
  const rows =
    inputs.length === 1 && !isColumn(inputs[0], signature)
      ? matrix(inputs[0], signature, maxRows)
      : columns(inputs, signature, maxRows);
  return {
    ...rows,
    ...(id !== undefined && { id }),
    ...(outputs !== undefined && { outputs: readOutputs(outputs, names) }),
  };
}

/** A model of one named column takes it as a column. */
const isColumn = (input: unknown, { columns }: ModelSignature) =>
  columns?.length === 1 && isRecord(input) && input.name === columns[0];

function matrix(input: unknown, signature: ModelSignature, maxRows: number): Rows {
  const { shape, data } = tensor(input, "/inputs/0");
  const [rows = 0, width] = shape;
  if (shape.length !== 2 || width !== signature.features)
    throw invalid(
      "/inputs/0/shape",
      `must be [rows, ${signature.features}], as the model's signature says, not [${shape}]`,
    );
  countRows(rows, "/inputs/0/shape", maxRows);
  const features = new Float32Array(rows * width);
  fill(
    data,
    rows * width,
    "/inputs/0/data",
    signature,
    (index) => index % width,
    (index, value) => {
      features[index] = value;
    },
  );
  // Nested data has a list a row, flat data only its numbers.
  const step = Array.isArray(data) && Array.isArray(data[0]) ? 1 : width;
  return { features, rows, pointerToRow: (row) => `/inputs/0/data/${row * step}` };
}

function columns(inputs: readonly unknown[], signature: ModelSignature, maxRows: number): Rows {
  const names = signature.columns;
  if (!names) throw invalid("/inputs", "must be one tensor: the model's signature does not name its columns");
  const given = new Map<string, number>();
  let found: Rows | undefined;
  for (const [index, input] of inputs.entries()) {
    const at = `/inputs/${index}`;
    const { name, shape, data } = tensor(input, at);
    const column = names.indexOf(name);
    if (column < 0)
      throw invalid(`${at}/name`, `is no column of the model, which has ${names.slice(0, 20).join(", ")}`);
    if (given.has(name)) throw invalid(`${at}/name`, "is there twice");
    given.set(name, index);
    const rows = countRows(shape[0] ?? 0, `${at}/shape`, maxRows);
    if (shape.length > 2 || (shape[1] ?? 1) !== 1) throw invalid(`${at}/shape`, `must be [rows, 1], not [${shape}]`);
    found ??= { rows, features: new Float32Array(rows * names.length), pointerToRow: () => "/inputs" };
    if (rows !== found.rows) throw invalid(`${at}/shape`, `must have ${found.rows} rows, as the other inputs`);
    const { features } = found;
    fill(
      data,
      rows,
      `${at}/data`,
      signature,
      () => column,
      (row, value) => {
        features[row * names.length + column] = value;
      },
    );
  }
  const missing = names.filter((name) => !given.has(name));
  if (!found || missing.length > 0)
    throw invalid("/inputs", `must have the model's columns; ${missing.slice(0, 20).join(", ")} missing`);
  return found;
}

function tensor(input: unknown, at: string): { name: string; shape: number[]; data: unknown } {
  if (!isRecord(input)) throw invalid(at, `must be a tensor, not ${kind(input)}`);
  const { name, shape, datatype, data, parameters } = input;
  if (typeof name !== "string") throw invalid(`${at}/name`, "must be a string");
  checkParameters(parameters, `${at}/parameters`);
  if (isRecord(parameters) && "binary_data_size" in parameters)
    throw invalid(`${at}/parameters/binary_data_size`, "is not served: send the data as JSON");
  if (typeof datatype !== "string" || !DATATYPES.includes(datatype))
    throw invalid(`${at}/datatype`, `must be one of ${DATATYPES.join(", ")}`);
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw invalid(`${at}/shape`, "must be a list of whole numbers");
  return { name, shape, data };
}

/** Puts flat or nested data in its place. */
function fill(
  data: unknown,
  size: number,
  pointer: string,
  signature: ModelSignature,
  columnOf: (index: number) => number,
  put: (index: number, value: number) => void,
): void {
  let next = 0;
  const visit = (list: readonly unknown[], at: string, depth: number) => {
    for (const [index, value] of list.entries()) {
      if (Array.isArray(value) && depth < 2) visit(value, `${at}/${index}`, depth + 1);
      else if (typeof value !== "number" || !Number.isFinite(Math.fround(value)))
        throw invalidNumber(`${at}/${index}`, columnOf(next), value, signature);
      else if (next < size) put(next++, value);
      else throw invalid(pointer, `has more than the ${size} numbers that its shape says`);
    }
  };
  if (!Array.isArray(data)) throw invalid(pointer, `must be a list, not ${kind(data)}`);
  visit(data, pointer, 1);
  if (next !== size) throw invalid(pointer, `has ${next} numbers, but its shape says ${size}`);
}

function readOutputs(outputs: unknown, names: readonly string[]): string[] {
  if (!Array.isArray(outputs)) throw invalid("/outputs", `must be a list, not ${kind(outputs)}`);
  return outputs.map((output: unknown, index) => {
    const name = isRecord(output) ? output.name : undefined;
    if (typeof name !== "string" || !names.includes(name))
      throw invalid(`/outputs/${index}/name`, `must be one of the model's outputs: ${names.join(", ")}`);
    checkParameters(isRecord(output) ? output.parameters : undefined, `/outputs/${index}/parameters`);
    return name;
  });
}

/** None are known; clients send some all the same. */
function checkParameters(parameters: unknown, pointer: string): void {
  if (parameters !== undefined && !isRecord(parameters))
    throw invalid(pointer, `must be an object, not ${kind(parameters)}`);
}
