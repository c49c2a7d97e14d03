import type { onnx as Onnx } from "onnx-proto";
import type { FunctionOfModel } from "./onnx-schema.ts";

/** Summary of an ONNX model, obtained without running it. */
export interface OnnxSummary {
  /** Names of operators by domain; `ai.onnx` is the standard domain. */
  readonly operators: ReadonlyMap<string, ReadonlySet<string>>;
  /** File name by tensor, for tensors stored in other files; "" if the tensor does not name one. */
  readonly externalData: ReadonlyMap<string, string>;
}

/** Readable name of the standard domain, whose other name is empty. */
const STANDARD = "ai.onnx";
/** TensorProto.DataLocation.EXTERNAL. */
const EXTERNAL = 1;

/** Summarizes a decoded model, including inner graphs (If, Loop, Scan) and functions. */
export function summarizeOnnx(model: Onnx.IModelProto): OnnxSummary {
  const operators = new Map<string, Set<string>>();
  const externalData = new Map<string, string>();
  visit(model, {
    node: ({ domain, opType }) => {
      const name = domain || STANDARD;
      operators.set(name, (operators.get(name) ?? new Set()).add(opType ?? ""));
    },
    tensor: (found) => {
      if (!isExternal(found)) return;
      externalData.set(found.name ?? "", found.externalData?.find(({ key }) => key === "location")?.value ?? "");
    },
  });
  return { operators, externalData };
}

/** Returns the tensors of a decoded model that are stored in other files. */
export function externalTensors(model: Onnx.IModelProto): Onnx.ITensorProto[] {
  const found: Onnx.ITensorProto[] = [];
  visit(model, {
    node: () => {},
    tensor: (tensor) => {
      if (isExternal(tensor)) found.push(tensor);
    },
  });
  return found;
}

/** Whether a tensor is stored in another file. Naming one suffices, regardless of its data_location. */
const isExternal = ({ dataLocation, externalData }: Onnx.ITensorProto): boolean =>
  dataLocation === EXTERNAL || Boolean(externalData?.length);

interface Visitor {
  readonly node: (found: Onnx.INodeProto) => void;
  readonly tensor: (found: Onnx.ITensorProto) => void;
}

/** Visits all nodes and tensors of a model. */
export function visit(model: Onnx.IModelProto, visitor: Visitor): void {
  const tensor = (found: Onnx.ITensorProto | null | undefined) => {
    if (found) visitor.tensor(found);
  };
  const sparse = (found: Onnx.ISparseTensorProto | null | undefined) => {
    tensor(found?.values);
    tensor(found?.indices);
  };
  const node = (found: Onnx.INodeProto) => {
    visitor.node(found);
    for (const one of found.attribute ?? []) attribute(one);
  };
  const attribute = (value: Onnx.IAttributeProto) => {
    for (const inner of [value.t, ...(value.tensors ?? [])]) tensor(inner);
    for (const inner of [value.sparseTensor, ...(value.sparseTensors ?? [])]) sparse(inner);
    for (const inner of [value.g, ...(value.graphs ?? [])]) if (inner) graph(inner);
  };
  const graph = (found: Onnx.IGraphProto) => {
    for (const inner of found.initializer ?? []) tensor(inner);
    for (const inner of found.sparseInitializer ?? []) sparse(inner);
    for (const inner of found.node ?? []) node(inner);
  };
  if (model.graph) graph(model.graph);
  for (const { initialization, algorithm } of model.trainingInfo ?? [])
    for (const inner of [initialization, algorithm]) if (inner) graph(inner);
  for (const inner of (model.functions ?? []) as readonly FunctionOfModel[]) {
    for (const one of inner.node ?? []) node(one);
    for (const one of inner.defaults ?? []) attribute(one);
  }
}
