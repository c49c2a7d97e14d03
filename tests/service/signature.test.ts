import { expect, test } from "vitest";
import { openPredictor } from "../../service/predictor/predictor.ts";
import { parseSignature, type Signature } from "../../service/predictor/signature.ts";
import { floats } from "./helpers/tables.ts";
import { testModel } from "./helpers/test-model.ts";

const parse = (inputs: unknown) => parseSignature({ signature: { inputs } });
const fieldsOf = ({ inputs }: Signature) =>
  inputs.map(({ name, type, shape, nullable }) => `${name}: ${type}${shape ? `[${shape}]` : ""}${nullable ? "?" : ""}`);
const tensor = (dtype: string, shape: unknown) => ({ type: "tensor", "tensor-spec": { dtype, shape } });

test("reads a tensor, from MLflow's JSON string and from plain JSON", () => {
  expect(parse(JSON.stringify([tensor("float32", [-1, 10])]))).toEqual(floats(10));
  expect(fieldsOf(parse([tensor("float64", [-1, 2])]))).toEqual(["0: float64", "1: float64"]);
});

test("reads columns, named or not", () => {
  expect(parse('[{"type":"double","name":"age","required":true},{"type":"long","name":"visits"}]')).toEqual({
    isNamed: true,
    inputs: [
      { name: "age", type: "float64", nullable: false },
      { name: "visits", type: "int64", nullable: false },
    ],
  });
  const unnamed = parse([{ type: "double" }, { type: "integer" }, { type: "float" }]);
  expect(fieldsOf(unnamed)).toEqual(["0: float64", "1: int32", "2: float32"]);
  expect(unnamed.isNamed).toBe(false);
});

test("reads the names of a tensor's columns from the metadata", () => {
  const named = (columns: unknown) => ({
    metadata: { columns },
    signature: { inputs: [tensor("float64", [-1, 2])] },
  });
  expect(parseSignature(named(["a", "b"]))).toMatchObject({
    isNamed: true,
    inputs: [{ name: "a" }, { name: "b" }],
  });
  expect(parseSignature(named({ a: 1 })).isNamed).toBe(false);
  for (const columns of [["a"], ["a", "a"]])
    expect(() => parseSignature(named(columns))).toThrow("metadata.columns must give each of the 2 features");
});

test("reads one named tensor per column as columns", () => {
  const inputs = [
    { name: "age", ...tensor("int64", [-1, 1]) },
    { name: "debt", ...tensor("float32", [-1]) },
  ];
  expect(fieldsOf(parseSignature({ signature: { inputs } }))).toEqual(["age: int64", "debt: float32"]);
});

test("reads strings, booleans, dates and optional columns", () => {
  const inputs = [
    { type: "string", name: "city", required: false },
    { type: "boolean", name: "member" },
    { type: "datetime", name: "since", required: true },
    { type: "double", name: "spend", required: false },
  ];
  expect(fieldsOf(parse(inputs))).toEqual(["city: string?", "member: boolean", "since: datetime", "spend: float64?"]);
});

test("reads tensors with dimensions, and several", () => {
  expect(fieldsOf(parse([tensor("uint8", [-1, 8, 8])]))).toEqual(["0: uint8[8,8]"]);
  expect(parse([{ name: "image", ...tensor("float32", [-1, 3, 4, 4]) }])).toEqual({
    isNamed: true,
    inputs: [{ name: "image", type: "float32", shape: [3, 4, 4], nullable: false }],
  });
  const several = [
    { name: "numbers", ...tensor("float64", [-1, 4]) },
    { name: "texts", ...tensor("str", [-1, 2]) },
    { name: "flag", ...tensor("bool", [-1, 1]) },
  ];
  expect(fieldsOf(parse(several))).toEqual(["numbers: float64[4]", "texts: string[2]", "flag: boolean"]);
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
  // With the types of the model's tensor.
  expect((await openPredictor(model.folder)).signature).toEqual(floats(3, ["a", "b", "c"]));
});

test.for([
  ["no input signature", {}],
  ["no input signature", null],
  ["no input signature", { signature: { inputs: null } }],
  ["no input signature", { signature: { inputs: "[]" } }],
  ["is not JSON", { signature: { inputs: "{" } }],
  ["must be a list of columns or tensors", { signature: { inputs: [1] } }],
  ['dtype "complex64"', { signature: { inputs: [tensor("complex64", [-1, 2])] } }],
  ["shape [-1,-1]", { signature: { inputs: [tensor("float32", [-1, -1])] } }],
  ["shape [8,2]", { signature: { inputs: [tensor("float32", [8, 2])] } }],
  [
    "2 inputs, so each must be a named tensor",
    { signature: { inputs: [tensor("float32", [-1, 2]), tensor("float32", [-1, 2])] } },
  ],
  ['column "raw" of type "binary"', { signature: { inputs: [{ type: "binary", name: "raw" }] } }],
  [
    "must give each column a unique name",
    { signature: { inputs: [{ type: "double", name: "a" }, { type: "double" }] } },
  ],
  [
    "unique name",
    {
      signature: {
        inputs: [
          { type: "double", name: "a" },
          { type: "double", name: "a" },
        ],
      },
    },
  ],
] as const)("rejects: %s", ([message, mlmodel]) => {
  expect(() => parseSignature(mlmodel)).toThrow(message);
});
