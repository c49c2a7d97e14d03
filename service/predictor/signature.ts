import { PredictorError } from "./errors.ts";

/** What a model takes: rows of `features` numbers. */
export interface ModelSignature {
  /** Numbers a row. */
  readonly features: number;
  /** Column names, in the model's order, when the model names its columns. */
  readonly columns?: readonly string[];
}

/** MLflow's numeric column types and NumPy's numeric dtypes; all are served as float32. */
const NUMERIC = /^(float|double|integer|long|float(16|32|64)|u?int(8|16|32|64))$/;

/**
 * Reads the input signature of a parsed MLmodel file. MLflow writes the inputs as JSON inside a string; both of its forms are read:
 * one tensor (`{"type":"tensor","tensor-spec":{"dtype":"float32","shape":[-1,10]}}`), or one of shape [-1] or [-1,1] a column, and a list
 * of columns (`{"name":"age","type":"double"}`, names optional). A tensor has no names: those that our trainer's models have stand in
 * MLmodel's `metadata.columns`. Throws PredictorError when there is none, or another kind.
 */
export function parseSignature(mlmodel: unknown): ModelSignature {
  const signature = isRecord(mlmodel) ? mlmodel.signature : undefined;
  const inputs = isRecord(signature) ? parseInputs(signature.inputs) : undefined;
  if (!inputs || inputs.length === 0)
    throw new PredictorError("MLmodel has no input signature: log the model with `signature=infer_signature(X, y)`");
  const tensors = inputs.filter((input) => input.type === "tensor");
  if (tensors.length === 0) return columnSignature(inputs);
  if (inputs.length > 1) return columnTensors(inputs);
  return withColumns(tensorSignature(inputs[0]?.["tensor-spec"]), isRecord(mlmodel) ? mlmodel.metadata : undefined);
}

type Json = Record<string, unknown>;
const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

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

function tensorSignature(spec: unknown): ModelSignature {
  const { dtype, shape } = isRecord(spec) ? spec : {};
  if (typeof dtype !== "string" || !NUMERIC.test(dtype))
    throw new PredictorError(`MLmodel's signature has dtype ${JSON.stringify(dtype)}: numeric tensors are served`);
  const [rows, features, ...more] = Array.isArray(shape) ? shape : [];
  if (rows !== -1 || !Number.isInteger(features) || features < 1 || more.length > 0)
    throw new PredictorError(
      `MLmodel's signature has shape ${JSON.stringify(shape)}: it must be [-1, n], any number of rows of n features`,
    );
  return { features };
}

function columnTensors(inputs: readonly Json[]): ModelSignature {
  const columns = inputs.map(({ name, type, "tensor-spec": spec }) => {
    const { shape } = isRecord(spec) ? spec : {};
    const one = Array.isArray(shape) && shape.length === 1 ? [...shape, 1] : shape;
    if (
      type !== "tensor" ||
      typeof name !== "string" ||
      tensorSignature({ ...(spec as Json), shape: one }).features > 1
    )
      throw new PredictorError(
        `MLmodel's signature has ${inputs.length} inputs: then each must be a named tensor of one column, and ${JSON.stringify(name)} is not`,
      );
    return name;
  });
  if (new Set(columns).size !== columns.length)
    throw new PredictorError("MLmodel's signature must name each of its tensors differently");
  return { features: columns.length, columns };
}

function withColumns(signature: ModelSignature, metadata: unknown): ModelSignature {
  const columns = isRecord(metadata) ? metadata.columns : undefined;
  // Metadata is free: what is no list of names means something else.
  if (!Array.isArray(columns) || !columns.every((name) => typeof name === "string")) return signature;
  if (columns.length !== signature.features || new Set(columns).size !== columns.length)
    throw new PredictorError(
      `MLmodel's metadata.columns must name each of the ${signature.features} features, and each differently: ${JSON.stringify(columns)}`,
    );
  return { ...signature, columns };
}

function columnSignature(inputs: readonly Json[]): ModelSignature {
  for (const [index, { name, type }] of inputs.entries())
    if (typeof type !== "string" || !NUMERIC.test(type))
      throw new PredictorError(
        `MLmodel's signature has column ${JSON.stringify(name ?? index)} of type ${JSON.stringify(type)}: numeric columns are served`,
      );
  const names = inputs.map(({ name }) => name).filter((name) => typeof name === "string");
  if (names.length === 0) return { features: inputs.length };
  if (names.length !== inputs.length || new Set(names).size !== names.length)
    throw new PredictorError("MLmodel's signature must name each of its columns, and each differently");
  return { features: inputs.length, columns: names };
}
