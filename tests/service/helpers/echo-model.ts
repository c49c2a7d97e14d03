import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
// A CommonJS bundle whose exports Node cannot detect, so only its types are imported by name.
import onnxProto from "onnx-proto";

const { onnx } = onnxProto;
const { INT64, STRING } = onnx.TensorProto.DataType;

export interface EchoColumn {
  readonly name: string;
  readonly type: "string" | "long" | "datetime";
  readonly required?: boolean;
}

/** Creates a model that returns each column as the output `<name>_out`, and the string column `name` as its label. Removed when the `await using` ends. */
export async function echoModel(columns: readonly EchoColumn[], prediction: object = {}) {
  const value = (name: string, elemType: number, ...inner: { dimValue: number }[]) => ({
    name,
    type: { tensorType: { elemType, shape: { dim: [{ dimParam: "N" }, ...inner] } } },
  });
  const elementOf = ({ type }: EchoColumn) => (type === "string" ? STRING : INT64);
  const outputOf = ({ name }: EchoColumn) => (name === "name" ? "label" : `${name}_out`);
  const graph = {
    name: "echo",
    input: columns.map((column) => value(column.name, elementOf(column), { dimValue: 1 })),
    output: columns.map((column) => value(outputOf(column), elementOf(column))),
    initializer: [{ name: "flat", dims: [1], dataType: INT64, int64Data: [-1] }],
    node: columns.map((column) => ({
      opType: "Reshape",
      input: [column.name, "flat"],
      output: [outputOf(column)],
    })),
  };
  const bytes = onnx.ModelProto.encode({ irVersion: 8, opsetImport: [{ domain: "", version: 17 }], graph }).finish();
  const inputs = columns.map(({ name, type, required = true }) => ({ name, type, required }));
  const mlmodel = {
    flavors: { onnx: { data: "model.onnx" } },
    signature: { inputs: JSON.stringify(inputs) },
    metadata: { prediction },
  };
  const folder = await mkdtemp(join(tmpdir(), "echo-model-"));
  await writeFile(join(folder, "model.onnx"), bytes);
  await writeFile(join(folder, "MLmodel"), JSON.stringify(mlmodel));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
