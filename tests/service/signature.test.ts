import { expect, test } from "vitest";
import { openPredictor } from "../../service/predictor/predictor.ts";
import { parseSignature } from "../../service/predictor/signature.ts";
import { testModel } from "./helpers/test-model.ts";

const parse = (inputs: unknown) => parseSignature({ signature: { inputs } });
const tensor = (dtype: string, shape: unknown) => ({ type: "tensor", "tensor-spec": { dtype, shape } });

test("reads a tensor, as MLflow's string of JSON and as plain JSON", () => {
  expect(parse(JSON.stringify([tensor("float32", [-1, 10])]))).toEqual({ features: 10 });
  expect(parse([tensor("float64", [-1, 2])])).toEqual({ features: 2 });
});

test("reads columns, named or not", () => {
  expect(parse('[{"type":"double","name":"age","required":true},{"type":"long","name":"visits"}]')).toEqual({
    features: 2,
    columns: ["age", "visits"],
  });
  expect(parse([{ type: "double" }, { type: "integer" }, { type: "float" }])).toEqual({ features: 3 });
});

test("reads the names of a tensor's columns from the metadata", () => {
  const named = (columns: unknown) => ({
    ...{ metadata: { columns }, signature: { inputs: [tensor("float64", [-1, 2])] } },
  });
  expect(parseSignature(named(["a", "b"]))).toEqual({ features: 2, columns: ["a", "b"] });
  expect(parseSignature(named({ a: 1 }))).toEqual({ features: 2 });
  for (const columns of [["a"], ["a", "a"]])
    expect(() => parseSignature(named(columns))).toThrow("metadata.columns must name each of the 2 features");
});

test("reads a named tensor a column as columns", () => {
  const inputs = [
    { name: "age", ...tensor("int64", [-1, 1]) },
    { name: "debt", ...tensor("float32", [-1]) },
  ];
  expect(parseSignature({ signature: { inputs } })).toEqual({ features: 2, columns: ["age", "debt"] });
});

test("reads the signature from an MLmodel in YAML", async () => {
  await using model = await testModel({
    mlmodel: `flavors:
  onnx:
    data: model.onnx
signature:
  inputs: '[{"type": "double", "name": "a"}, {"type": "double", "name": "b"}, {"type":
    "double", "name": "c"}]'
`,
  });
  expect((await openPredictor(model.folder)).signature.columns).toEqual(["a", "b", "c"]);
});

test.for([
  ["no input signature", {}],
  ["no input signature", null],
  ["no input signature", { signature: { inputs: null } }],
  ["no input signature", { signature: { inputs: "[]" } }],
  ["is not JSON", { signature: { inputs: "{" } }],
  ["must be a list of columns or tensors", { signature: { inputs: [1] } }],
  ['dtype "object"', { signature: { inputs: [tensor("object", [-1, 2])] } }],
  ["shape [-1,2,2]", { signature: { inputs: [tensor("float32", [-1, 2, 2])] } }],
  ["shape [-1,-1]", { signature: { inputs: [tensor("float32", [-1, -1])] } }],
  ["shape [8,2]", { signature: { inputs: [tensor("float32", [8, 2])] } }],
  [
    "2 inputs: then each must be a named tensor of one column",
    { signature: { inputs: [tensor("float32", [-1, 2]), tensor("float32", [-1, 2])] } },
  ],
  ['column "city" of type "string"', { signature: { inputs: [{ type: "string", name: "city" }] } }],
  ["must name each of its columns", { signature: { inputs: [{ type: "double", name: "a" }, { type: "double" }] } }],
  [
    "each differently",
    {
      signature: {
        inputs: [
          { type: "double", name: "a" },
          { type: "double", name: "a" },
        ],
      },
    },
  ],
] as const)("refuses: %s", ([message, mlmodel]) => {
  expect(() => parseSignature(mlmodel)).toThrow(message);
});
