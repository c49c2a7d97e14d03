import { readFile } from "node:fs/promises";
import type { onnx as Onnx } from "onnx-proto";
import onnxProto from "onnx-proto";

const { onnx } = onnxProto;

/** What the gate wants to know of an ONNX file without running it. */
export interface OnnxFacts {
  /** Operators by domain, `ai.onnx` for the standard one: names once each. */
  readonly operators: ReadonlyMap<string, ReadonlySet<string>>;
  /** Tensors whose data lies in another file: that file's name (or "" where none is given) by the tensor's. */
  readonly externalData: ReadonlyMap<string, string>;
}

/** The standard operators' domain has two names, and the empty one says nothing to people. */
const STANDARD = "ai.onnx";

/**
 * Reads an ONNX file's operators and tensors, those of inner graphs (If, Loop, Scan) and of functions included.
 * @throws Error when it is no ONNX model
 */
export async function readOnnxFacts(path: string): Promise<OnnxFacts> {
  let model: Onnx.ModelProto;
  try {
    model = onnx.ModelProto.decode(await readFile(path));
  } catch (cause) {
    throw new Error(`${path} is no ONNX model: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  const operators = new Map<string, Set<string>>();
  const externalData = new Map<string, string>();
  const tensor = (found: Onnx.ITensorProto | null | undefined) => {
    if (found?.dataLocation !== onnx.TensorProto.DataLocation.EXTERNAL) return;
    externalData.set(found.name ?? "", found.externalData?.find(({ key }) => key === "location")?.value ?? "");
  };
  const sparse = (found: Onnx.ISparseTensorProto | null | undefined) => {
    tensor(found?.values);
    tensor(found?.indices);
  };
  const node = ({ domain, opType, attribute }: Onnx.INodeProto) => {
    const name = domain || STANDARD;
    operators.set(name, (operators.get(name) ?? new Set()).add(opType ?? ""));
    for (const value of attribute ?? []) {
      for (const inner of [value.t, ...(value.tensors ?? [])]) tensor(inner);
      for (const inner of [value.sparseTensor, ...(value.sparseTensors ?? [])]) sparse(inner);
      for (const inner of [value.g, ...(value.graphs ?? [])]) if (inner) graph(inner);
    }
  };
  const graph = (found: Onnx.IGraphProto) => {
    for (const inner of found.initializer ?? []) tensor(inner);
    for (const inner of found.sparseInitializer ?? []) sparse(inner);
    for (const inner of found.node ?? []) node(inner);
  };
  if (model.graph) graph(model.graph as Onnx.IGraphProto);
  for (const inner of model.functions ?? []) for (const one of inner.node ?? []) node(one);
  return { operators, externalData };
}
