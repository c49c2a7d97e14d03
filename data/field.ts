/** Number types, named as in ONNX Runtime and Apache Arrow. */
const NUMBER_TYPES = [
  "float16",
  "float32",
  "float64",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
] as const;
export type NumberType = (typeof NUMBER_TYPES)[number];

/** Type of a field's values. A datetime is an int64: microseconds since 1970-01-01T00:00:00Z. */
export type FieldType = NumberType | "boolean" | "string" | "datetime";

/** A column of a table, or a named part of a row. */
export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** Dimensions of one row's value, such as [8, 8] for an image; absent for a scalar. */
  readonly shape?: readonly number[];
  /** Whether a value may be missing. */
  readonly nullable: boolean;
}

/** Returns the number of values in an array of these dimensions. */
export const sizeOf = (dims: readonly number[]): number => dims.reduce((product, size) => product * size, 1);

/** Returns the number of values per row. */
export const valuesPerRow = ({ shape = [] }: Pick<Field, "shape">): number => sizeOf(shape);

/** Whether a row's value has dimensions, even if that is a list of one value. */
export const isShaped = ({ shape = [] }: Pick<Field, "shape">): boolean => shape.length > 0;

export const isNumberType = (type: string): type is NumberType => (NUMBER_TYPES as readonly string[]).includes(type);

/** Returns an example value of a field: zero, an empty string, false, or 2000-01-01. */
export function exampleValue({ type, shape = [] }: Field): unknown {
  const single = type === "string" ? "" : type === "boolean" ? false : type === "datetime" ? "2000-01-01T00:00:00Z" : 0;
  return shape.toReversed().reduce<unknown>((item, size) => new Array(size).fill(item), single);
}
