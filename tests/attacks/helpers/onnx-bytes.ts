import type { onnx as Onnx } from "onnx-proto";
// A CommonJS bundle whose names Node cannot see: only its types are imported by name.
import onnxProto from "onnx-proto";

export const { onnx } = onnxProto;

const { FLOAT, INT64 } = onnx.TensorProto.DataType;

const value = (name: string, elemType: number, ...shape: (number | string)[]): Onnx.IValueInfoProto => ({
  name,
  type: {
    tensorType: {
      elemType,
      shape: { dim: shape.map((dim) => (typeof dim === "number" ? { dimValue: dim } : { dimParam: dim })) },
    },
  },
});

/** A classifier of three features that labels every row 1, and adds `weights` to nothing that matters; plus what a test puts in. */
export function graphWith(more: {
  readonly initializer?: Onnx.ITensorProto[];
  readonly node?: Onnx.INodeProto[];
}): Onnx.IGraphProto {
  return {
    name: "attack",
    input: [value("features", FLOAT, "N", 3)],
    output: [value("label", INT64, "N"), value("probabilities", FLOAT, "N", 2)],
    initializer: [
      { name: "w", dims: [3, 2], dataType: FLOAT, floatData: [0, 0, 0, 0, 0, 0] },
      ...(more.initializer ?? []),
    ],
    node: [
      { opType: "MatMul", input: ["features", "w"], output: ["scores"] },
      { opType: "Sigmoid", input: ["scores"], output: ["probabilities"] },
      {
        opType: "ArgMax",
        input: ["probabilities"],
        output: ["label"],
        attribute: [
          { name: "axis", type: onnx.AttributeProto.AttributeType.INT, i: 1 },
          { name: "keepdims", type: onnx.AttributeProto.AttributeType.INT, i: 0 },
        ],
      },
      ...(more.node ?? []),
    ],
  };
}

export const modelOf = (graph: Onnx.IGraphProto, more: Onnx.IModelProto = {}): Uint8Array =>
  onnx.ModelProto.encode({ irVersion: 8, opsetImport: [{ domain: "", version: 17 }], graph, ...more }).finish();

/** The head of a protobuf field whose content is a message: `tag << 3 | 2`, then its length in bytes. */
export function fieldHead(tag: number, size: number): Uint8Array {
  const length: number[] = [];
  let left = size;
  do {
    length.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    left >>>= 7;
  } while (left > 0);
  return Uint8Array.of((tag << 3) | 2, ...length);
}

/** The whole of it. */
export const field = (tag: number, content: Uint8Array): Uint8Array =>
  Buffer.concat([fieldHead(tag, content.length), content]);
