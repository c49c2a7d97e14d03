import type { InferenceSession } from "onnxruntime-node";
import { PredictorError, RowError } from "./errors.ts";
import { INPUT_TYPES, type InputType, isInputType, type PlainTensor } from "./plain-tensor.ts";
import type { ModelSignature } from "./signature.ts";

/** An input of the model: a tensor of some columns of the rows. */
export interface ModelInput {
  readonly name: string;
  readonly type: InputType;
  /** The first of its columns, in the signature's order. */
  readonly from: number;
  readonly width: number;
  /** The shape is [rows], not [rows, width]. */
  readonly isFlat: boolean;
}

type Metadata = InferenceSession.ValueMetadata;

/**
 * Finds the model's inputs: one tensor of all columns, or a tensor for each column, as skl2onnx makes of a data frame; these are found by the names of
 * the signature. Throws PredictorError when they are of a kind that is not served.
 */
export function findInputs(inputs: readonly Metadata[], signature: ModelSignature): ModelInput[] {
  const [only, ...more] = inputs;
  if (!only) throw new PredictorError("the model has no input");
  const { columns, features } = signature;
  if (more.length === 0) return [checked(only, { from: 0, width: features })];
  const names = inputs.map(({ name }) => name);
  if (columns?.length !== names.length || !columns.every((column) => names.includes(column)))
    throw new PredictorError(
      `the model has the inputs ${names.join(", ")}; the signature's columns must have these names, and are ${columns?.join(", ") ?? "not named"}`,
    );
  return inputs.map((input) => checked(input, { from: columns.indexOf(input.name), width: 1 }));
}

function checked(input: Metadata, place: { readonly from: number; readonly width: number }): ModelInput {
  if (!input.isTensor) throw new PredictorError(`input ${input.name} is no tensor: models of tensors are served`);
  const { name, type, shape } = input;
  if (!isInputType(type))
    throw new PredictorError(`input ${name} is a ${type} tensor: numbers (${INPUT_TYPES.join(", ")}) are served`);
  const [rows, features = 1] = shape;
  const isFlat = shape.length === 1 && place.width === 1;
  if (shape.length !== 2 && !isFlat)
    throw new PredictorError(`input ${name} has shape [${shape}]: it must be [rows, features]`);
  if (typeof rows === "number")
    throw new PredictorError(
      `input ${name} takes exactly ${rows} rows: export the model with a dynamic first dimension`,
    );
  if (typeof features === "number" && features !== place.width)
    throw new PredictorError(
      `input ${name} takes ${features} features, but the signature in MLmodel has ${place.width}`,
    );
  return { name, type, isFlat, ...place };
}

/** 2^24: below it a float32 has every whole number. */
const EXACT = 2 ** 24;

/**
 * Writes an input's columns of rows of `total` numbers into its tensor's data.
 * @throws RowError where the model takes a whole number and gets another
 */
export function fillInput(
  data: PlainTensor["data"],
  { from, width, name }: ModelInput,
  features: Float32Array,
  total: number,
): void {
  const isFloat = data instanceof Float32Array || data instanceof Float64Array;
  if (isFloat && width === total) {
    data.set(features);
    return;
  }
  for (let start = from, at = 0, row = 0; start < features.length; start += total, row++)
    for (let column = 0; column < width; column++, at++) {
      const value = features[start + column] as number;
      if (isFloat) data[at] = value;
      else {
        // From there on a float32, which rows are kept as, may stand for a number beside it.
        if (!Number.isInteger(value) || Math.abs(value) >= EXACT)
          throw new RowError(row, `row ${row}: ${name} takes whole numbers from ${1 - EXACT} to ${EXACT - 1}`);
        if (data instanceof Int32Array) data[at] = value;
        else data[at] = BigInt(value);
      }
    }
}
