import type { onnx as Onnx } from "onnx-proto";

/** What is to be known of an ONNX model without running it. */
export interface OnnxFacts {
  /** Operators by domain, `ai.onnx` for the standard one: names once each. */
  readonly operators: ReadonlyMap<string, ReadonlySet<string>>;
  /** Tensors whose data lies in another file: that file's name (or "" where none is given) by the tensor's. */
  readonly externalData: ReadonlyMap<string, string>;
}

/** The standard operators' domain has two names, and the empty one says nothing to people. */
const STANDARD = "ai.onnx";
/** TensorProto.DataLocation.EXTERNAL. */
const EXTERNAL = 1;

/** A decoded model's operators and tensors, those of inner graphs (If, Loop, Scan) and of functions included. */
export function onnxFacts(model: Onnx.IModelProto): OnnxFacts {
  const operators = new Map<string, Set<string>>();
  const externalData = new Map<string, string>();
  const tensor = (found: Onnx.ITensorProto | null | undefined) => {
    // A tensor that names a file counts, whatever it says of where its data lies.
    if (found?.dataLocation !== EXTERNAL && !found?.externalData?.length) return;
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
  if (model.graph) graph(model.graph);
  for (const { initialization, algorithm } of model.trainingInfo ?? [])
    for (const inner of [initialization, algorithm]) if (inner) graph(inner);
  for (const inner of model.functions ?? []) for (const one of inner.node ?? []) node(one);
  return { operators, externalData };
}
