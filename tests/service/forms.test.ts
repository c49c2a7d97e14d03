import { expect, test } from "vitest";
import { InferAnswer, InvocationsAnswer, ModelMetadata, PredictAnswer } from "../../service/contract.ts";
import { floatTable, readClasses } from "./helpers/tables.ts";
import { float32s, testApp } from "./helpers/test-app.ts";
import { mlmodelOf } from "./helpers/test-model.ts";

const ROW = [1, 2, 3];
const named = { mlmodel: { ...mlmodelOf(3), metadata: { columns: ["age", "visits", "spend"] } } };
const tensor = (name: string, shape: number[], data: unknown) => ({ name, shape, datatype: "FP32", data });
const INFER = "/v2/models/churn-model/infer";

/** Probability of class 1 for each form. */
const FORMS: [string, unknown][] = [
  ["features", { features: [ROW] }],
  ["instances", { instances: [ROW] }],
  ["instances of objects, in any order", { instances: [{ spend: 3, age: 1, visits: 2 }] }],
  ["inputs", { inputs: [ROW] }],
  ["inputs by column", { inputs: { visits: [2], spend: [3], age: [1] } }],
  [
    "dataframe_split, columns in any order",
    { dataframe_split: { columns: ["spend", "visits", "age"], data: [[3, 2, 1]] } },
  ],
  ["dataframe_split with an index, without columns", { dataframe_split: { index: [0], data: [ROW] } }],
  ["dataframe_records", { dataframe_records: [{ age: 1, visits: 2, spend: 3 }] }],
  ["empty params, as MLflow's clients send", { inputs: [ROW], params: {} }],
];

test.for(FORMS)("accepts %s on both /predict and /invocations", async ([, body]) => {
  const { ask, predictor } = await testApp({ model: named });
  const { labels, scores } = readClasses(await predictor.predict(floatTable(predictor, [ROW])));
  const probabilities = [...(scores ?? [])];
  const predicted = PredictAnswer.parse(await (await ask("/predict", body)).json());
  expect(float32s(predicted)).toEqual({ predictions: labels, probabilities: [probabilities] });
  const invoked = InvocationsAnswer.parse(await (await ask("/invocations", body)).json());
  expect(float32s(invoked)).toEqual({ predictions: { label: labels, probabilities: [probabilities] } });
});

test.for([
  [{ instances: [{ age: 1, visits: 2 }] }, "/instances/0/spend", "is missing"],
  [
    { instances: [{ age: 1, visits: 2, Spend: 3 }] },
    "/instances/0/spend",
    'is missing; the request has "Spend", which is not a column of the model',
  ],
  [{ inputs: { age: [1], vists: [2], spend: [3] } }, "/inputs/visits", 'is missing; the request has "vists"'],
  [{ instances: [{ age: 1, visits: "2", spend: 3 }] }, "/instances/0/visits", "(visits) must be a number"],
  [{ instances: [{ age: 1, visits: 2, spend: 3 }, [1, 2, 3]] }, "/instances/1", "must be an object"],
  [{ inputs: { age: [1], visits: [2] } }, "/inputs/spend", "is missing"],
  [{ inputs: { age: [1], visits: [2], spend: [3, 4] } }, "/inputs/spend", "must have 1 values"],
  [
    { dataframe_split: { columns: ["age", "visits"], data: [[1, 2]] } },
    "/dataframe_split/columns",
    "must name the model's columns age, visits, spend; missing: spend",
  ],
  [
    { dataframe_split: { columns: ["age", "age", "spend"], data: [ROW] } },
    "/dataframe_split/columns/1",
    "is a duplicate",
  ],
  [
    { dataframe_split: { columns: ["age", "visit", "spend"], data: [ROW] } },
    "/dataframe_split/columns",
    'missing: visits. "visit" is not one of them',
  ],
  [
    { dataframe_split: { columns: ["spend", "visits", "age"], data: [[1, 2, "3"]] } },
    "/dataframe_split/data/0/2",
    "(age) must be a number",
  ],
  [{ features: [ROW], instances: [ROW] }, "/instances", "is not supported"],
  [{ inputs: [ROW], params: { threshold: 0.3 } }, "/params", "is not supported"],
] as const)("422 for %j", async ([body, pointer, detail]) => {
  const { ask } = await testApp({ model: named });
  const response = await ask("/predict", body);
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ pointer, detail: expect.stringContaining(detail) });
});

test.each([
  { dataframe_split: { columns: ["age", "visits", "spend"], data: [ROW] } },
  { dataframe_records: [{ age: 1, visits: 2, spend: 3 }] },
])("422 for column names if the signature has none: %j", async (body) => {
  const { ask } = await testApp();
  const response = await ask("/invocations", body);
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({
    detail: expect.stringContaining(
      "has column names, but the model's signature does not: send lists in the model's order, such as {\"inputs\": [[1, 2]]}",
    ),
  });
});

test.each(["/predict", "/invocations"])(
  "%s ignores columns that the model does not take, like pyfunc",
  async (path) => {
    const { ask } = await testApp({ model: named });
    const bodies = [
      { instances: [{ age: 1, visits: 2, spend: 3, size: "XL" }] },
      { inputs: { age: [1], visits: [2], spend: [3], size: ["XL"] } },
      { dataframe_split: { columns: ["size", "age", "visits", "spend"], data: [["XL", 1, 2, 3]] } },
      // Resembles a column's name, but that column is present.
      { instances: [{ age: 1, visits: 2, spend: 3, Spend: "much" }] },
    ];
    const expected = await (await ask(path, { inputs: [ROW] })).json();
    for (const body of bodies) expect(await (await ask(path, body)).json()).toEqual(expected);
  },
);

test("a model without column names rejects named columns", async () => {
  const { ask } = await testApp();
  const response = await ask("/predict", { instances: [{ age: 1 }] });
  expect(await response.json()).toMatchObject({ status: 422, detail: expect.stringContaining("does not") });
});

test.for<[string, unknown[]]>([
  ["one tensor, flat", [tensor("X", [2, 3], [1, 2, 3, 4, 5, 6])]],
  [
    "one tensor, nested",
    [
      tensor(
        "X",
        [2, 3],
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ),
    ],
  ],
  [
    "a tensor a column, in any order",
    [tensor("spend", [2, 1], [3, 6]), tensor("age", [2], [1, 4]), tensor("visits", [2, 1], [[2], [5]])],
  ],
])("Open Inference Protocol: accepts %s", async ([, inputs]) => {
  const { ask, predictor } = await testApp({ model: named });
  const two = [ROW, [4, 5, 6]];
  const expected = readClasses(await predictor.predict(floatTable(predictor, two)));
  const response = await ask(INFER, { id: "a1", inputs });
  expect(float32s(InferAnswer.parse(await response.json()))).toEqual({
    model_name: "churn-model",
    model_version: "3",
    id: "a1",
    outputs: [
      { name: "label", datatype: "INT64", shape: [2], data: expected.labels },
      { name: "probabilities", datatype: "FP32", shape: [2, 2], data: [...(expected.scores ?? [])] },
    ],
  });
  const some = InferAnswer.parse(await (await ask(INFER, { inputs, outputs: [{ name: "label" }] })).json());
  expect(some.outputs.map(({ name }) => name)).toEqual(["label"]);
});

test.for<[unknown, string]>([
  [{}, "/inputs"],
  [{ inputs: [tensor("X", [1, 2], [1, 2])] }, "/inputs/0/shape"],
  [{ inputs: [tensor("X", [2, 3], [1, 2, 3])] }, "/inputs/0/data"],
  [{ inputs: [tensor("X", [1, 3], [1, 2, 3, 4])] }, "/inputs/0/data"],
  [{ inputs: [tensor("X", [1, 3], [1, "2", 3])] }, "/inputs/0/data/1"],
  [{ inputs: [{ ...tensor("X", [1, 3], ROW), datatype: "BYTES" }] }, "/inputs/0/datatype"],
  [{ inputs: [tensor("age", [1], [1]), tensor("spend", [1], [1])] }, "/inputs"],
  [{ inputs: [tensor("X", [1, 3], ROW)], outputs: [{ name: "score" }] }, "/outputs/0/name"],
])("Open Inference Protocol: 422 for %j", async ([body, pointer]) => {
  const { ask } = await testApp({ model: named });
  const response = await ask(INFER, body);
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ pointer });
});

// The logarithm of its sum is not a number.
const BAD = [-3, -3, -3];
const logarithm = { ...named, weights: [1, 1, 1], link: "Log" as const };
test.for<[string, unknown, string]>([
  ["/predict", { features: [ROW, BAD] }, "/features/1"],
  ["/predict", { instances: [ROW, ROW, BAD] }, "/instances/2"],
  ["/invocations", { inputs: [BAD] }, "/inputs/0"],
  ["/invocations", { dataframe_split: { data: [ROW, BAD] } }, "/dataframe_split/data/1"],
  ["/invocations", { dataframe_records: [{ age: -3, visits: -3, spend: -3 }] }, "/dataframe_records/0"],
  ["/predict", { inputs: { age: [1, -3], visits: [1, -3], spend: [1, -3] } }, "/inputs"],
  [INFER, { inputs: [tensor("X", [2, 3], [...ROW, ...BAD])] }, "/inputs/0/data/3"],
  [INFER, { inputs: [tensor("X", [2, 3], [ROW, BAD])] }, "/inputs/0/data/1"],
])("%s: points to the row that the model cannot answer: %j", async ([path, body, pointer]) => {
  const { ask } = await testApp({ model: logarithm });
  const response = await ask(path, body);
  expect(await response.json()).toMatchObject({
    status: 422,
    pointer,
    detail: expect.stringMatching(/^the model's prediction for row \d is not finite$/),
  });
});

test("Open Inference Protocol: health and metadata", async () => {
  let ready = true;
  const { app } = await testApp({ model: named, isReady: () => ready });
  const get = async (path: string) => (await app.request(path)).json();
  expect(await get("/v2/health/live")).toEqual({ live: true });
  expect(await get("/v2/health/ready")).toEqual({ ready: true });
  const metadata = ModelMetadata.parse(await get("/v2/models/churn-model"));
  expect(metadata).toMatchObject({ name: "churn-model", versions: ["3"] });
  expect(metadata.inputs).toEqual([{ name: "features", datatype: "FP32", shape: [-1, 3] }]);
  expect(await get("/v2/models/churn-model/versions/3/ready")).toEqual({ name: "churn-model", ready: true });
  expect((await app.request("/v2/models/other")).status).toBe(404);
  ready = false;
  expect((await app.request("/v2/health/ready")).status).toBe(503);
});
