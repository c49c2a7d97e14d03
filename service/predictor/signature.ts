import { type Field, type FieldType, isNumberType, valuesPerRow } from "../../data/field.ts";
import { PredictorError } from "./errors.ts";

/** Inputs of a model. */
export interface Signature {
  /** In the model's order. A tensor [-1, n] counts as n columns. */
  readonly inputs: readonly Field[];
  /** Whether the model names its columns. Otherwise their names are their indexes, from 0. */
  readonly isNamed: boolean;
}

/** Returns the column names; undefined if the model does not name its columns. */
export const columnNames = ({ inputs, isNamed }: Signature): readonly string[] | undefined =>
  isNamed ? inputs.map(({ name }) => name) : undefined;

/** Field types by MLflow's names of column types. NumPy's number dtypes have the same names as the field types. */
const TYPES: Readonly<Record<string, FieldType>> = {
  float: "float32",
  double: "float64",
  integer: "int32",
  long: "int64",
  boolean: "boolean",
  bool: "boolean",
  string: "string",
  str: "string",
  object: "string",
  datetime: "datetime",
};

const typeOf = (name: unknown): FieldType | undefined =>
  typeof name !== "string"
    ? undefined
    : isNumberType(name)
      ? name
      : /^datetime64|^<U\d+$/.test(name)
        ? name.startsWith("<U")
          ? "string"
          : "datetime"
        : Object.hasOwn(TYPES, name)
          ? TYPES[name]
          : undefined;

const SUPPORTED = "supported types are numbers, boolean, string and datetime";

/**
 * Reads the input signature of a parsed MLmodel file. MLflow writes the inputs as JSON in a string. Two forms are supported: a list of columns
 * (`{"name":"age","type":"double","required":false}`, names optional), and one tensor or several named ones
 * (`{"type":"tensor","tensor-spec":{"dtype":"float32","shape":[-1,10]}}`). A single tensor [-1, n] becomes n columns, which MLmodel's `metadata.columns`
 * may name. Every other tensor is one field, of any shape.
 * @throws PredictorError if the signature is absent or not supported
 */
export function parseSignature(mlmodel: unknown): Signature {
  const signature = isRecord(mlmodel) ? mlmodel.signature : undefined;
  const inputs = isRecord(signature) ? parseInputs(signature.inputs) : undefined;
  if (!inputs || inputs.length === 0)
    throw new PredictorError("MLmodel has no input signature: log the model with `signature=infer_signature(X, y)`");
  const tensors = inputs.filter((input) => input.type === "tensor");
  if (tensors.length === 0) return columnSignature(inputs);
  if (inputs.length > 1) return tensorsSignature(inputs);
  const [only = {}] = inputs;
  return withColumns(tensorSignature(only), isRecord(mlmodel) ? mlmodel.metadata : undefined);
}

function parseInputs(inputs: unknown): Json[] | undefined {
  let value = inputs;
  if (typeof inputs === "string") {
    try {
      value = JSON.parse(inputs);
    } catch (cause) {
      throw new PredictorError(`MLmodel's signature.inputs is not JSON: ${inputs.slice(0, 80)}`, { cause });
    }
  }
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every(isRecord))
    throw new PredictorError("MLmodel's signature.inputs must be a list of columns or tensors");
  return value;
}

/** Reads the type, and the dimensions after the rows. */
function readSpec(spec: unknown): { type: FieldType; inner: number[] } {
  const { dtype, shape } = isRecord(spec) ? spec : {};
  const type = typeOf(dtype);
  if (type === undefined)
    throw new PredictorError(`MLmodel's signature has dtype ${JSON.stringify(dtype)}: ${SUPPORTED}`);
  const [rows, ...inner] = Array.isArray(shape) ? shape : [];
  if (rows !== -1 || !inner.every((size) => Number.isInteger(size) && size > 0))
    throw new PredictorError(
      `MLmodel's signature has shape ${JSON.stringify(shape)}: it must begin with -1, for any number of rows, and give all other dimensions, such as [-1, n]`,
    );
  return { type, inner };
}

/** Converts a single tensor: to columns if each row is a list of values, or else to one field. */
function tensorSignature({ name, "tensor-spec": spec }: Json): Signature {
  const { type, inner } = readSpec(spec);
  if (inner.length <= 1) {
    const names = Array.from({ length: inner[0] ?? 1 }, (_, index) => `${index}`);
    return { inputs: names.map((column) => ({ name: column, type, nullable: false })), isNamed: false };
  }
  const isNamed = typeof name === "string" && name !== "";
  return { inputs: [{ name: isNamed ? name : "0", type, shape: inner, nullable: false }], isNamed };
}

function tensorsSignature(inputs: readonly Json[]): Signature {
  const fields = inputs.map(({ name, type, "tensor-spec": spec }): Field => {
    if (type !== "tensor" || typeof name !== "string" || name === "")
      throw new PredictorError(
        `MLmodel's signature has ${inputs.length} inputs, so each must be a named tensor, but ${JSON.stringify(name ?? type)} is not`,
      );
    const { type: ofValues, inner } = readSpec(spec);
    const field: Field = { name, type: ofValues, nullable: false };
    return inner.length === 0 || (inner.length === 1 && inner[0] === 1) ? field : { ...field, shape: inner };
  });
  if (new Set(fields.map(({ name }) => name)).size !== fields.length)
    throw new PredictorError("MLmodel's signature must give each tensor a unique name");
  return { inputs: fields, isNamed: true };
}

function withColumns(signature: Signature, metadata: unknown): Signature {
  const columns = isRecord(metadata) ? metadata.columns : undefined;
  const { inputs } = signature;
  // Metadata is free-form, so a value that is not a list of names has another meaning.
  if (!Array.isArray(columns) || !columns.every((name) => typeof name === "string")) return signature;
  if (inputs.some((field) => valuesPerRow(field) > 1)) return signature;
  if (columns.length !== inputs.length || new Set(columns).size !== columns.length)
    throw new PredictorError(
      `MLmodel's metadata.columns must give each of the ${inputs.length} features a unique name: ${JSON.stringify(columns)}`,
    );
  return { inputs: inputs.map((field, index) => ({ ...field, name: columns[index] as string })), isNamed: true };
}

function columnSignature(inputs: readonly Json[]): Signature {
  const names = inputs.map(({ name }) => name).filter((name) => typeof name === "string");
  const isNamed = names.length > 0;
  if (isNamed && (names.length !== inputs.length || new Set(names).size !== names.length))
    throw new PredictorError("MLmodel's signature must give each column a unique name");
  const fields = inputs.map(({ type: given, required, optional }, index): Field => {
    const type = typeOf(given);
    if (type === undefined)
      throw new PredictorError(
        `MLmodel's signature has column ${JSON.stringify(names[index] ?? index)} of type ${JSON.stringify(given)}: ${SUPPORTED}`,
      );
    // MLflow before 2.7 wrote `optional`.
    return { name: names[index] ?? `${index}`, type, nullable: required === false || optional === true };
  });
  return { inputs: fields, isNamed };
}

export type Json = Record<string, unknown>;

export const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
