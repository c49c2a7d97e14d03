/** Number types, by the names that ONNX Runtime and Apache Arrow share. */
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

/** A datetime is an int64: microseconds since 1970-01-01T00:00:00Z. */
export type FieldType = NumberType | "boolean" | "string" | "datetime";

/** One column of a table, or one named part of a row. */
export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** Dimensions of one row's value, such as [8, 8] for an image; without it, a row has a single value. */
  readonly shape?: readonly number[];
  /** Whether a value may be missing. */
  readonly nullable: boolean;
}

/** Values in an array of these dimensions. */
export const sizeOf = (dims: readonly number[]): number => dims.reduce((product, size) => product * size, 1);

/** Number of values per row in this field. */
export const valuesPerRow = ({ shape = [] }: Pick<Field, "shape">): number => sizeOf(shape);

/** Whether a row's value has dimensions, even if it is a list of one value. */
export const isShaped = ({ shape = [] }: Pick<Field, "shape">): boolean => shape.length > 0;

export const isNumberType = (type: string): type is NumberType => (NUMBER_TYPES as readonly string[]).includes(type);

/** Example value of a field: zero, an empty text, 2000-01-01. */
export function exampleValue({ type, shape = [] }: Field): unknown {
  const single = type === "string" ? "" : type === "boolean" ? false : type === "datetime" ? "2000-01-01T00:00:00Z" : 0;
  return shape.toReversed().reduce<unknown>((item, size) => new Array(size).fill(item), single);
}
