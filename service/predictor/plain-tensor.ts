export type InputType = "float32" | "float64";

/** A tensor as the runtime's native part reads it. The package's own Tensor answers by getters, which cost more when they are called from there. */
export interface PlainTensor {
  readonly type: InputType | "int64" | "int32";
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array;
  readonly dims: readonly number[];
  readonly location: "cpu";
}

export const plainTensor = (
  type: PlainTensor["type"],
  data: PlainTensor["data"],
  dims: readonly number[],
): PlainTensor => ({ type, data, dims, location: "cpu" });
