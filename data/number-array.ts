import type { Field, FieldType, NumberType } from "./field.ts";

/** Array by type. Float16 values are stored as bits: view the same memory as a Float16Array to read numbers. */
const ARRAYS = {
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  boolean: Uint8Array,
  datetime: BigInt64Array,
} as const;

/** Numbers that a model outputs. */
export type FloatArray = Float32Array | Float64Array;

/** Creates an array of the same type. */
export const emptyLike = (like: FloatArray, length: number): FloatArray =>
  like instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);

/** Types that are stored in an array of numbers: all except string. */
export type ArrayType = Exclude<FieldType, "string">;

export const arrayOf = (type: ArrayType) => ARRAYS[type];

/** Smallest and largest whole number of each type. */
const RANGES: Readonly<Partial<Record<NumberType, readonly [least: bigint, most: bigint]>>> = {
  int8: [-(2n ** 7n), 2n ** 7n - 1n],
  int16: [-(2n ** 15n), 2n ** 15n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint8: [0n, 2n ** 8n - 1n],
  uint16: [0n, 2n ** 16n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

/** Returns the range of an integer type; undefined for any other type. */
export const rangeOf = (type: string): readonly [least: bigint, most: bigint] | undefined => RANGES[type as NumberType];

export const isFloatType = (type: string): type is "float16" | "float32" | "float64" => type.startsWith("float");

const isPlainNumber = (type: string) => isFloatType(type) || rangeOf(type) !== undefined;

/** Whether all columns can share one array: scalar numbers of one type. */
export const isDense = (fields: readonly Field[]): boolean =>
  fields.every(({ type, shape }) => shape === undefined && type === fields[0]?.type && isPlainNumber(type));
