import { isNumberType, type NumberType, sizeOf } from "../../data/field.ts";
import { arrayOf } from "../../data/number-array.ts";
import type { NumberArray } from "../../data/table.ts";

/** Supported ONNX tensor types, by the runtime's names. */
export type TensorType = NumberType | "bool" | "string";

type TensorData = NumberArray | string[];

/** A tensor, as the native runtime reads it. The package's own Tensor has getters, which are slow to call from native code. */
export interface PlainTensor {
  readonly type: TensorType;
  /** Float16 uses a Uint16Array, because the native runtime does not accept a Float16Array. */
  readonly data: TensorData;
  readonly dims: readonly number[];
  readonly location: "cpu";
}

export const isTensorType = (type: string): type is TensorType =>
  isNumberType(type) || type === "bool" || type === "string";

/** Returns the bytes per value; 0 for strings, which are not stored in an ArrayBuffer. */
export const bytesOf = (type: TensorType): number =>
  type === "string" ? 0 : arrayOf(type === "bool" ? "boolean" : type).BYTES_PER_ELEMENT;

/** Creates a tensor that is a view of some memory, or has empty strings. */
export function plainTensor(type: TensorType, memory: ArrayBuffer, dims: readonly number[]): PlainTensor {
  const cells = sizeOf(dims);
  const data =
    type === "string"
      ? new Array<string>(cells).fill("")
      : new (arrayOf(type === "bool" ? "boolean" : type))(memory, 0, cells);
  return { type, data, dims, location: "cpu" };
}
