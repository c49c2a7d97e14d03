import type { InferenceSession } from "onnxruntime-node";
import { type Field, sizeOf, valuesPerRow } from "../../data/field.ts";
import { isFloatType } from "../../data/number-array.ts";
import { PredictorError } from "./errors.ts";
import type { Signature } from "./signature.ts";
import { isTensorType, type TensorType } from "./tensor.ts";

/** An input of the model: a tensor of some fields of the rows. */
export interface ModelInput {
  readonly name: string;
  readonly type: TensorType;
  /** Dimensions behind the first, which is the number of rows. */
  readonly inner: readonly number[];
  /** Places of its fields in the signature. */
  readonly fields: readonly number[];
}

export interface BoundInputs {
  readonly inputs: readonly ModelInput[];
  /** The signature with the types that the model's tensors have: a column of doubles in a tensor of float32 is served as float32. */
  readonly signature: Signature;
}

type Metadata = InferenceSession.ValueMetadata;
type TensorMetadata = InferenceSession.TensorValueMetadata & { readonly type: TensorType };

/**
 * Finds out which of the signature's fields each of the model's inputs takes: one input takes all of them, in order; of several, each takes the field of its
 * name, as skl2onnx makes of a data frame; inputs of several columns take those that are left, in order.
 * @param takesMissing whether the graph is made for NaN in its floats
 * @throws PredictorError when they do not fit, or are of a kind that is not served
 */
export function findInputs(found: readonly Metadata[], signature: Signature, takesMissing = false): BoundInputs {
  const inputs = found.map(checked);
  if (inputs.length === 0) throw new PredictorError("the model has no input");
  const fields = [...signature.inputs];
  const bound = assign(inputs, signature).map((places, index): ModelInput => {
    const input = inputs[index] as TensorMetadata;
    const inner = innerOf(
      input,
      places.map((place) => fields[place] as Field),
    );
    for (const place of places) fields[place] = served(fields[place] as Field, input, takesMissing);
    return { name: input.name, type: input.type, inner, fields: places };
  });
  return { inputs: bound, signature: { ...signature, inputs: fields } };
}

/** Places of each input's fields. */
function assign(inputs: readonly TensorMetadata[], { inputs: fields, isNamed }: Signature): number[][] {
  if (inputs.length === 1) return [fields.map((_, place) => place)];
  const byName = new Map(isNamed ? fields.map(({ name }, place) => [name, place]) : []);
  const free = new Set(fields.keys());
  const places = inputs.map(({ name }) => {
    const place = byName.get(name);
    if (place === undefined) return undefined;
    free.delete(place);
    return [place];
  });
  const left = inputs.filter((_, index) => places[index] === undefined);
  const widths = left.map(({ shape }) => shape[1]);
  const order = [...free];
  const fits =
    widths.every((width) => typeof width === "number") &&
    widths.reduce((sum, width) => sum + width, 0) === order.length &&
    // Inputs of one column each are told apart by their names alone.
    (order.length > left.length || (left.length === 0 && order.length === 0)) &&
    order.every((place) => valuesPerRow(fields[place] as Field) === 1);
  if (!fits)
    throw new PredictorError(
      `the model has the inputs ${inputs.map(({ name }) => name).join(", ")}; the signature's columns must have these names, and are ${isNamed ? fields.map(({ name }) => name).join(", ") : "not named"}`,
    );
  let next = 0;
  return places.map((named, index) => {
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

/** Dimensions behind the rows, for these fields. */
function innerOf({ name, shape }: TensorMetadata, fields: readonly Field[]): readonly number[] {
  const width = fields.reduce((sum, field) => sum + valuesPerRow(field), 0);
  const [only] = fields;
  const own = fields.length === 1 && only?.shape ? only.shape : [width];
  const declared = shape.slice(1);
  // Of no declared shape: as the signature says.
  if (shape.length === 0) return own;
  if (declared.length === 0 && width === 1) return [];
  if (declared.length === 1 && declared[0] !== width && typeof declared[0] === "number")
    throw new PredictorError(`input ${name} takes ${declared[0]} features, but the signature in MLmodel has ${width}`);
  const known = declared.filter((size) => typeof size === "number");
  if (known.length === declared.length && sizeOf(known) === width) return known;
  if (declared.length === own.length && declared.every((size, at) => typeof size === "string" || size === own[at]))
    return own;
  throw new PredictorError(
    `input ${name} has shape [${shape}], which does not hold the ${width} values a row of the signature in MLmodel${only?.shape ? `, of shape [-1,${only.shape}]` : ""}`,
  );
}

/** The field as the tensor holds it. */
function served(field: Field, { name, type }: TensorMetadata, takesMissing: boolean): Field {
  const refuse = (): never => {
    throw new PredictorError(
      `input ${name} is a ${type} tensor, but the signature in MLmodel has ${field.name} of type ${field.type}`,
    );
  };
  if (type === "string") return field.type === "string" ? field : refuse();
  if (field.type === "string") return refuse();
  // A tensor of whole numbers or booleans has no value that stands for a missing one.
  const nullable = isFloatType(type) && (field.nullable || takesMissing);
  if (type === "bool") return field.type === "datetime" ? refuse() : { ...field, type: "boolean", nullable };
  if (field.type === "boolean") return { ...field, nullable };
  if (field.type === "datetime") return type === "int64" || type === "float64" ? { ...field, nullable } : refuse();
  return { ...field, type, nullable };
}
