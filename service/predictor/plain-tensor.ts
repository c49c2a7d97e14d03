export type InputType = "float32" | "float64" | "int32" | "int64";

/** A tensor as the runtime's native part reads it. The package's own Tensor answers by getters, which cost more when they are called from there. */
export interface PlainTensor {
  readonly type: InputType;
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array;
  readonly dims: readonly number[];
  readonly location: "cpu";
}

const ARRAYS = { float32: Float32Array, float64: Float64Array, int32: Int32Array, int64: BigInt64Array } as const;

export const INPUT_TYPES: readonly string[] = Object.keys(ARRAYS);
export const isInputType = (type: string): type is InputType => INPUT_TYPES.includes(type);

/** Bytes of a number. */
export const bytesOf = (type: InputType): number => ARRAYS[type].BYTES_PER_ELEMENT;

/** A tensor that looks at the beginning of some memory. */
export function plainTensor(type: InputType, memory: ArrayBuffer, dims: readonly number[]): PlainTensor {
  const cells = dims.reduce((product, size) => product * size, 1);
  return { type, data: new ARRAYS[type](memory, 0, cells), dims, location: "cpu" };
}
