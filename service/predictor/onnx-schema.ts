import type { onnx as Onnx } from "onnx-proto";

/** A node, with fields that are newer than onnx-proto. */
interface Node extends Onnx.INodeProto {
  /** Overload of the called function (IR 10). */
  overload?: string | undefined;
}

/** A function, with fields that are newer than onnx-proto. */
export interface FunctionOfModel extends Onnx.IFunctionProto {
  /** Attributes with default values (IR 9). */
  defaults?: readonly Onnx.IAttributeProto[] | undefined;
  overload?: string | undefined;
}

/** Field numbers in onnx.proto. */
const NODE_OVERLOAD = 8;
const [FUNCTION_DEFAULTS, FUNCTION_OVERLOAD] = [11, 13];
const BYTES = 2;

type Schema = typeof Onnx;
/** Reader type of onnx-proto's generated coders. */
type Reader = Exclude<Parameters<Schema["NodeProto"]["decode"]>[0], Uint8Array>;

let loaded: Promise<Schema> | undefined;

/**
 * Loads onnx-proto, which predates IR 9, and adds the newer fields that affect predictions: without them, a re-encoded model would call the wrong
 * functions. Other new fields, such as node metadata, are dropped.
 */
export function loadOnnxSchema(): Promise<Schema> {
  loaded ??= import("onnx-proto").then(({ default: { onnx } }) => {
    extendNodeProto(onnx);
    extendFunctionProto(onnx);
    return onnx;
  });
  return loaded;
}

function extendNodeProto({ NodeProto }: Schema): void {
  const { decode, encode } = NodeProto;
  NodeProto.decode = (given, length) => {
    const start = (given as Reader).pos;
    const node: Onnx.NodeProto & Node = decode(given, length);
    const [overload] = fieldsOf(given as Reader, start, NODE_OVERLOAD);
    if (overload) node.overload = overload.string();
    return node;
  };
  NodeProto.encode = (node, given) => {
    const writer = encode(node, given);
    const { overload } = node as Node;
    return overload === undefined ? writer : writer.uint32(tagOf(NODE_OVERLOAD)).string(overload);
  };
}

function extendFunctionProto({ FunctionProto, AttributeProto }: Schema): void {
  const { decode, encode } = FunctionProto;
  FunctionProto.decode = (given, length) => {
    const start = (given as Reader).pos;
    const found: Onnx.FunctionProto & FunctionOfModel = decode(given, length);
    const [overload] = fieldsOf(given as Reader, start, FUNCTION_OVERLOAD);
    if (overload) found.overload = overload.string();
    found.defaults = fieldsOf(given as Reader, start, FUNCTION_DEFAULTS).map((field) =>
      AttributeProto.decode(field, field.uint32()),
    );
    return found;
  };
  FunctionProto.encode = (message, given) => {
    const writer = encode(message, given);
    const { overload, defaults } = message as FunctionOfModel;
    for (const one of defaults ?? [])
      AttributeProto.encode(one, writer.uint32(tagOf(FUNCTION_DEFAULTS)).fork()).ldelim();
    return overload === undefined ? writer : writer.uint32(tagOf(FUNCTION_OVERLOAD)).string(overload);
  };
}

const tagOf = (field: number) => (field << 3) | BYTES;

/** Returns readers positioned at the length of each field with a number, in the message from `start` to the reader's position. */
function fieldsOf(reader: Reader, start: number, field: number): Reader[] {
  const Class = reader.constructor as new (bytes: Uint8Array) => Reader;
  const scan = new Class(reader.buf.subarray(start, reader.pos));
  const found: Reader[] = [];
  while (scan.pos < scan.len) {
    const tag = scan.uint32();
    if (tag === tagOf(field)) {
      const one = new Class(scan.buf);
      one.pos = scan.pos;
      found.push(one);
    }
    scan.skipType(tag & 7);
  }
  return found;
}
