import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { onnx as Onnx } from "onnx-proto";
// A CommonJS bundle whose exports Node cannot detect, so only its types are imported by name.
import onnxProto from "onnx-proto";
import { mlmodelOf } from "./test-model.ts";

const { onnx } = onnxProto;
const { FLOAT, INT64, STRING, UINT64 } = onnx.TensorProto.DataType;
const { INT, INTS, STRINGS } = onnx.AttributeProto.AttributeType;

interface LookupModel {
  /** Probabilities for each value of the feature, which is 0, 1 and so on. Without it, the model has no probabilities. */
  readonly table?: readonly (readonly number[])[];
  /** Nodes from `x` (the feature as int64 [N]) or `best` (ArgMax of the probabilities) to `label`. */
  readonly nodes: readonly Onnx.INodeProto[];
  readonly labels: "int64" | "uint64" | "string";
  readonly initializer?: readonly Onnx.ITensorProto[];
  readonly prediction?: object;
}

export const gather = (data: string, index: string, output = "label"): Onnx.INodeProto => ({
  opType: "Gather",
  input: [data, index],
  output: [output],
});

/** Maps 0, 1 and so on to these strings. */
export const encoder = (input: string, ...texts: readonly string[]): Onnx.INodeProto => ({
  opType: "LabelEncoder",
  domain: "ai.onnx.ml",
  input: [input],
  output: ["label"],
  attribute: [
    { name: "keys_int64s", type: INTS, ints: texts.map((_, place) => place) },
    { name: "values_strings", type: STRINGS, strings: texts.map((text) => Buffer.from(text)) },
  ],
});

/** Returns, as `code`, the first of these classes for 0 and the second for 1. */
export const classifier = (...ints: readonly number[]) => ({
  opType: "LinearClassifier",
  domain: "ai.onnx.ml",
  input: ["feature"],
  output: ["code", "scores"],
  attribute: [
    { name: "classlabels_ints", type: 7, ints: [...ints] },
    { name: "coefficients", type: 6, floats: ints.map((_, place) => place - 0.5) },
    { name: "intercepts", type: 6, floats: ints.map((_, place) => 0.1 - place / 4) },
  ],
});

export const int64s = (name: string, ...values: readonly (number | bigint)[]): Onnx.ITensorProto => ({
  name,
  dims: [values.length],
  dataType: INT64,
  rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
});

/** Creates a model of one feature that looks up its answers in tables. Removed when the `await using` ends. */
export async function lookupModel(options: LookupModel): Promise<{ folder: string } & AsyncDisposable> {
  const { table, nodes, labels, initializer = [], prediction } = options;
  const width = table?.[0]?.length ?? 0;
  const value = (name: string, elemType: number, ...size: readonly number[]) => ({
    name,
    type: { tensorType: { elemType, shape: { dim: [{ dimParam: "N" }, ...size.map((dimValue) => ({ dimValue }))] } } },
  });
  const to = { name: "to", type: INT, i: INT64 };
  const graph: Onnx.IGraphProto = {
    name: "lookup",
    input: [value("feature", FLOAT, 1)],
    output: [
      value("label", { int64: INT64, uint64: UINT64, string: STRING }[labels]),
      ...(table ? [value("probabilities", FLOAT, width)] : []),
    ],
    initializer: [
      int64s("flat", -1),
      ...(table ? [{ name: "table", dims: [table.length, width], dataType: FLOAT, floatData: table.flat() }] : []),
      ...initializer,
    ],
    node: [
      { opType: "Cast", input: ["feature"], output: ["whole"], attribute: [to] },
      { opType: "Reshape", input: ["whole", "flat"], output: ["x"] },
      ...(table
        ? [
            gather("table", "x", "probabilities"),
            {
              opType: "ArgMax",
              input: ["probabilities"],
              output: ["best"],
              attribute: [
                { name: "axis", type: INT, i: 1 },
                { name: "keepdims", type: INT, i: 0 },
              ],
            },
          ]
        : []),
      ...nodes,
    ],
  };
  const opsetImport = [
    { domain: "", version: 17 },
    { domain: "ai.onnx.ml", version: 3 },
  ];
  const folder = await mkdtemp(join(tmpdir(), "lookup-model-"));
  await writeFile(join(folder, "model.onnx"), onnx.ModelProto.encode({ irVersion: 8, opsetImport, graph }).finish());
  await writeFile(
    join(folder, "MLmodel"),
    JSON.stringify({ ...mlmodelOf(1), ...(prediction && { metadata: { prediction } }) }),
  );
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
