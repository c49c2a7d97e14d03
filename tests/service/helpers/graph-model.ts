import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { onnx as Onnx } from "onnx-proto";
// A CommonJS bundle whose exports Node cannot detect, so only its types are imported by name.
import onnxProto from "onnx-proto";
import { mlmodelOf } from "./test-model.ts";

const { onnx } = onnxProto;
const { FLOAT, INT64 } = onnx.TensorProto.DataType;

/** Creates a model with two features, `x`, and these outputs and nodes. For nodes that take axes as inputs, `axes` is [0], `one` [1] and `last` [2]. */
export async function graphModel(
  node: Onnx.INodeProto[],
  outputs: readonly string[] = ["y"],
): Promise<{ folder: string } & AsyncDisposable> {
  const graph: Onnx.IGraphProto = {
    name: "graph",
    input: [
      {
        name: "x",
        type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimParam: "N" }, { dimValue: 2 }] } } },
      },
    ],
    // Of any shape.
    output: outputs.map((name) => {
      return { name, type: { tensorType: { elemType: name === "label" ? INT64 : FLOAT } } };
    }),
    initializer: [
      { name: "axes", dims: [1], dataType: INT64, int64Data: [0] },
      { name: "last", dims: [1], dataType: INT64, int64Data: [2] },
      { name: "one", dims: [1], dataType: INT64, int64Data: [1] },
    ],
    node,
  };
  const bytes = onnx.ModelProto.encode({ irVersion: 8, opsetImport: [{ domain: "", version: 17 }], graph }).finish();
  const folder = await mkdtemp(join(tmpdir(), "graph-model-"));
  await writeFile(join(folder, "model.onnx"), bytes);
  await writeFile(join(folder, "MLmodel"), JSON.stringify(mlmodelOf(2)));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
