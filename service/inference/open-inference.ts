import { type Field, sizeOf, valuesPerRow } from "../../data/field.ts";
import { kind } from "../predictor/errors.ts";
import { columnNames, isRecord, type Signature } from "../predictor/signature.ts";
import { countRows, faulty, invalid, listed, pointerTo, type Reading, type Rows } from "./rows.ts";
import { TableBuilder } from "./table-builder.ts";

// The Open Inference Protocol v2 (KServe, Triton, MLServer) in its JSON form:
// https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md

const NUMBER_DATATYPES = "FP32 FP64 FP16 INT8 INT16 INT32 INT64 UINT8 UINT16 UINT32 UINT64".split(" ");
const DATATYPES: readonly string[] = [...NUMBER_DATATYPES, "BOOL", "BYTES"];
const MEMBERS = ["id", "parameters", "inputs", "outputs"];

/** Returns the datatypes that a field accepts. JSON numbers are read as they are, regardless of their datatype. */
export function datatypesOf({ type }: Pick<Field, "type">): readonly string[] {
  if (type === "string" || type === "datetime") return ["BYTES"];
  return type === "boolean" ? ["BOOL", ...NUMBER_DATATYPES] : NUMBER_DATATYPES;
}

interface InferRequest extends Rows {
  /** The caller's id, which the response repeats. */
  readonly id?: string;
  /** Names of the requested outputs; default: all. */
  readonly outputs?: readonly string[];
}

/**
 * Reads the parsed body of `/v2/models/{name}/infer`: one tensor for all fields, or one tensor per field, named like the model's columns. The latter have
 * the shape [rows], [rows, 1], or [rows, …] for a field with dimensions. Data may be flat or nested.
 * @param names of the model's outputs
 * @throws ProblemError as readRows does
 */
export function readInferRequest(body: unknown, reading: Reading, names: readonly string[]): InferRequest {
  if (!isRecord(body)) throw invalid("", `must be an object with inputs, not ${kind(body)}`);
  for (const key in body) if (!MEMBERS.includes(key)) throw invalid(pointerTo(key), "is not supported");
  const { id, inputs, outputs, parameters } = body;
  checkParameters(parameters, "/parameters");
  if (id !== undefined && typeof id !== "string") throw invalid("/id", `must be a string, not ${kind(id)}`);
  if (!Array.isArray(inputs) || inputs.length === 0) throw invalid("/inputs", "must be a list of tensors");
  const { signature } = reading;
  const rows =
    inputs.length === 1 && !isColumn(inputs[0], signature) ? whole(inputs[0], reading) : columns(inputs, reading);
  return {
    ...rows,
    ...(id !== undefined && { id }),
    ...(outputs !== undefined && { outputs: readOutputs(outputs, names) }),
  };
}

/** Whether a single tensor is a column: of a model with one named column, or with nullable columns that may be absent. */
const isColumn = (input: unknown, signature: Signature) =>
  isRecord(input) &&
  (columnNames(signature)?.length === 1 || signature.inputs.some(({ nullable }) => nullable)) &&
  columnNames(signature)?.includes(String(input.name)) === true &&
  !(
    Array.isArray(input.shape) &&
    input.shape.length === 2 &&
    input.shape[1] === signature.inputs.length &&
    signature.inputs.length > 1
  );

/** Reads all fields from one tensor. */
function whole(input: unknown, { signature, maxRows }: Reading): Rows {
  const { shape, data, datatype } = tensor(input, "/inputs/0");
  const { inputs } = signature;
  const [only] = inputs;
  const inner = inputs.length === 1 && only?.shape ? only.shape : [inputs.length];
  const isWhole = inputs.length === 1 || inputs.every((field) => field.shape === undefined);
  const [rows = 0, ...given] = shape;
  if (!isWhole || given.join() !== inner.join())
    throw invalid(
      "/inputs/0/shape",
      isWhole
        ? `must be [rows, ${inner.join(", ")}], as in the model's signature, not [${shape}]`
        : `cannot hold all of the model's inputs: send one tensor for each of ${listed(inputs.map(({ name }) => name))}`,
    );
  for (const field of inputs) checkDatatype(datatype, field, "/inputs/0/datatype");
  const builder = new TableBuilder(inputs, countRows(rows, "/inputs/0/shape", maxRows));
  const width = sizeOf(inner);
  const isOne = inputs.length === 1;
  fill(data, { size: rows * width, depth: inner.length + 1, pointer: "/inputs/0/data" }, (index, value, pointer) => {
    const [row, fieldIndex] = [Math.floor(index / width), index % width];
    const what = isOne ? builder.putFlat(0, row, fieldIndex, value) : builder.putFlat(fieldIndex, row, 0, value);
    if (what !== undefined) throw faulty(pointer, { at: "", what }, isOne ? 0 : fieldIndex, signature);
  });
  // In nested data, each row is a list; flat data has only numbers.
  const step = Array.isArray(data) && Array.isArray(data[0]) ? 1 : width;
  return { table: builder.table(), pointerToRow: (row) => `/inputs/0/data/${row * step}` };
}

function columns(inputs: readonly unknown[], { signature, maxRows }: Reading): Rows {
  const names = columnNames(signature);
  if (!names) throw invalid("/inputs", "must be one tensor: the model's signature does not name its columns");
  const given = new Set<string>();
  let builder: TableBuilder | undefined;
  for (const [index, input] of inputs.entries()) {
    const at = `/inputs/${index}`;
    const { name, shape, data, datatype } = tensor(input, at);
    const fieldIndex = names.indexOf(name);
    const field = signature.inputs[fieldIndex];
    if (!field) throw invalid(`${at}/name`, `is not a column of the model, whose columns are ${listed(names)}`);
    if (given.has(name)) throw invalid(`${at}/name`, "is a duplicate");
    given.add(name);
    checkDatatype(datatype, field, `${at}/datatype`);
    const rows = countRows(shape[0] ?? 0, `${at}/shape`, maxRows);
    const inner = field.shape ?? [1];
    if (shape.slice(1).join() !== inner.join() && (field.shape || shape.length !== 1))
      throw invalid(`${at}/shape`, `must be [rows, ${inner.join(", ")}], not [${shape}]`);
    builder ??= new TableBuilder(signature.inputs, rows);
    if (rows !== builder.rows) throw invalid(`${at}/shape`, `must have ${builder.rows} rows, like the other inputs`);
    const width = valuesPerRow(field);
    const columns = builder;
    fill(data, { size: rows * width, depth: inner.length + 1, pointer: `${at}/data` }, (index, value, pointer) => {
      const what = columns.putFlat(fieldIndex, Math.floor(index / width), index % width, value);
      if (what !== undefined) throw faulty(pointer, { at: "", what }, fieldIndex, signature);
    });
  }
  const missing = names.filter((name, fieldIndex) => !given.has(name) && !signature.inputs[fieldIndex]?.nullable);
  if (!builder || missing.length > 0)
    throw invalid("/inputs", `must have the model's columns; missing: ${listed(missing)}`);
  for (const [fieldIndex, name] of names.entries()) if (!given.has(name)) builder.leaveOut(fieldIndex);
  return { table: builder.table(), pointerToRow: () => "/inputs" };
}

interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: string;
  readonly data: unknown;
}

function tensor(input: unknown, at: string): Tensor {
  if (!isRecord(input)) throw invalid(at, `must be a tensor, not ${kind(input)}`);
  const { name, shape, datatype, data, parameters } = input;
  if (typeof name !== "string") throw invalid(`${at}/name`, "must be a string");
  checkParameters(parameters, `${at}/parameters`);
  if (isRecord(parameters) && "binary_data_size" in parameters)
    throw invalid(`${at}/parameters/binary_data_size`, "is not supported: send the data as JSON");
  if (typeof datatype !== "string" || !DATATYPES.includes(datatype))
    throw invalid(`${at}/datatype`, `must be one of ${DATATYPES.join(", ")}`);
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw invalid(`${at}/shape`, "must be a list of integers");
  return { name, shape, datatype, data };
}

function checkDatatype(datatype: string, field: Field, pointer: string): void {
  const taken = datatypesOf(field);
  if (!taken.includes(datatype))
    throw invalid(pointer, `must be ${taken.join(" or ")} for ${field.name} of type ${field.type}, not ${datatype}`);
}

interface Size {
  /** Required number of values. */
  readonly size: number;
  /** Maximum nesting depth. */
  readonly depth: number;
  readonly pointer: string;
}

/** Iterates over flat or nested data. */
function fill(
  data: unknown,
  { size, depth: most, pointer }: Size,
  put: (index: number, value: unknown, pointer: string) => void,
): void {
  let next = 0;
  const visit = (list: readonly unknown[], at: string, depth: number) => {
    for (const [index, value] of list.entries()) {
      if (Array.isArray(value) && depth < most) visit(value, `${at}/${index}`, depth + 1);
      else if (next < size) put(next++, value, `${at}/${index}`);
      else throw invalid(pointer, `has more than ${size} values, but its shape requires ${size}`);
    }
  };
  if (!Array.isArray(data)) throw invalid(pointer, `must be a list, not ${kind(data)}`);
  visit(data, pointer, 1);
  if (next !== size) throw invalid(pointer, `has ${next} values, but its shape requires ${size}`);
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

/** Checks the type only: no parameter is supported, but clients may send some. */
function checkParameters(parameters: unknown, pointer: string): void {
  if (parameters !== undefined && !isRecord(parameters))
    throw invalid(pointer, `must be an object, not ${kind(parameters)}`);
}
