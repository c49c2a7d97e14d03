import type { InferenceSession } from "onnxruntime-node";
import { type Field, sizeOf, valuesPerRow } from "../../data/field.ts";
import { isFloatType } from "../../data/number-array.ts";
import { PredictorError } from "./errors.ts";
import type { Signature } from "./signature.ts";
import { isTensorType, type TensorType } from "./tensor.ts";

/** An input of the model: a tensor of some of the fields. */
export interface ModelInput {
  readonly name: string;
  readonly type: TensorType;
  /** Dimensions after the first, which is the number of rows. */
  readonly inner: readonly number[];
  /** Indexes of its fields in the signature. */
  readonly fields: readonly number[];
}

export interface BoundInputs {
  readonly inputs: readonly ModelInput[];
  /** The signature with the tensors' types: a double column for a float32 tensor is served as float32. */
  readonly signature: Signature;
}

type Metadata = InferenceSession.ValueMetadata;
type TensorMetadata = InferenceSession.TensorValueMetadata & { readonly type: TensorType };

/**
 * Assigns the signature's fields to the model's inputs. A single input takes all fields, in order. Of several inputs, as skl2onnx creates them for a data
 * frame, each takes the field with its name; inputs with several columns take the remaining fields, in order.
 * @param takesMissing whether the graph handles NaN in float inputs
 * @throws PredictorError if inputs and signature do not match, or an input is not supported
 */
export function findInputs(found: readonly Metadata[], signature: Signature, takesMissing = false): BoundInputs {
  const inputs = found.map(checked);
  if (inputs.length === 0) throw new PredictorError("the model has no input");
  const fields = [...signature.inputs];
  const bound = assign(inputs, signature).map((indexes, index): ModelInput => {
    const input = inputs[index] as TensorMetadata;
    const inner = innerOf(
      input,
      indexes.map((fieldIndex) => fields[fieldIndex] as Field),
    );
    for (const fieldIndex of indexes) fields[fieldIndex] = served(fields[fieldIndex] as Field, input, takesMissing);
    return { name: input.name, type: input.type, inner, fields: indexes };
  });
  return { inputs: bound, signature: { ...signature, inputs: fields } };
}

/** Returns the indexes of each input's fields. */
function assign(inputs: readonly TensorMetadata[], { inputs: fields, isNamed }: Signature): number[][] {
  if (inputs.length === 1) return [fields.map((_, fieldIndex) => fieldIndex)];
  const byName = new Map(isNamed ? fields.map(({ name }, fieldIndex) => [name, fieldIndex]) : []);
  const free = new Set(fields.keys());
  const indexes = inputs.map(({ name }) => {
    const fieldIndex = byName.get(name);
    if (fieldIndex === undefined) return undefined;
    free.delete(fieldIndex);
    return [fieldIndex];
  });
  const left = inputs.filter((_, index) => indexes[index] === undefined);
  const widths = left.map(({ shape }) => shape[1]);
  const order = [...free];
  const fits =
    widths.every((width) => typeof width === "number") &&
    widths.reduce((sum, width) => sum + width, 0) === order.length &&
    // If all remaining inputs have one column, their order cannot be trusted: only names distinguish them.
    (order.length > left.length || (left.length === 0 && order.length === 0)) &&
    order.every((fieldIndex) => valuesPerRow(fields[fieldIndex] as Field) === 1);
  if (!fits)
    throw new PredictorError(
      `the model has the inputs ${inputs.map(({ name }) => name).join(", ")}; the signature's columns must have these names, but are ${isNamed ? fields.map(({ name }) => name).join(", ") : "not named"}`,
    );
  let next = 0;
  return indexes.map((named, index) => {
    if (named) return named;
    const width = Number(inputs[index]?.shape[1]);
    next += width;
    return order.slice(next - width, next);
  });
}

function checked(input: Metadata): TensorMetadata {
  const { name } = input;
  if (!input.isTensor) throw new PredictorError(`input ${name} is not a tensor; only tensor inputs are supported`);
  const { type, shape } = input;
  if (!isTensorType(type)) throw new PredictorError(`input ${name} is a ${type} tensor, which is not supported`);
  const [rows] = shape;
  if (typeof rows === "number")
    throw new PredictorError(
      `input ${name} takes exactly ${rows} rows: export the model with a dynamic first dimension`,
    );
  return { ...input, type };
}

/** Returns the dimensions after the rows, for these fields. */
function innerOf({ name, shape }: TensorMetadata, fields: readonly Field[]): readonly number[] {
  const width = fields.reduce((sum, field) => sum + valuesPerRow(field), 0);
  const [only] = fields;
  const own = fields.length === 1 && only?.shape ? only.shape : [width];
  const declared = shape.slice(1);
  // Without a declared shape, the signature's applies.
  if (shape.length === 0) return own;
  if (declared.length === 0 && width === 1) return [];
  if (declared.length === 1 && declared[0] !== width && typeof declared[0] === "number")
    throw new PredictorError(`input ${name} takes ${declared[0]} features, but the signature in MLmodel has ${width}`);
  const known = declared.filter((size) => typeof size === "number");
  if (known.length === declared.length && sizeOf(known) === width) return known;
  if (declared.length === own.length && declared.every((size, at) => typeof size === "string" || size === own[at]))
    return own;
  throw new PredictorError(
    `input ${name} has shape [${shape}], which does not hold the ${width} values per row of the signature in MLmodel${only?.shape ? `, of shape [-1,${only.shape}]` : ""}`,
  );
}

/** Returns the field with the tensor's type. */
function served(field: Field, { name, type }: TensorMetadata, takesMissing: boolean): Field {
  const refuse = (): never => {
    throw new PredictorError(
      `input ${name} is a ${type} tensor, but the signature in MLmodel has ${field.name} of type ${field.type}`,
    );
  };
  if (type === "string") return field.type === "string" ? field : refuse();
  if (field.type === "string") return refuse();
  // An integer or boolean tensor cannot represent a missing value.
  const nullable = isFloatType(type) && (field.nullable || takesMissing);
  if (type === "bool") return field.type === "datetime" ? refuse() : { ...field, type: "boolean", nullable };
  if (field.type === "boolean") return { ...field, nullable };
  if (field.type === "datetime") return type === "int64" || type === "float64" ? { ...field, nullable } : refuse();
  return { ...field, type, nullable };
}
