import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createApp } from "../../service/app.ts";
import { columnNames, openPredictor } from "../../service/predictor/predictor.ts";
import { floatTable, readClasses } from "./helpers/tables.ts";
import { MODEL } from "./helpers/test-app.ts";

const fixtures = join(import.meta.dirname, "../fixtures/skl2onnx");
const recorded = async (file: string) => JSON.parse(await readFile(join(fixtures, file), "utf8"));

test.for(["tensor", "zipmap"])(
  "returns the same answers as scikit-learn for a model that skl2onnx wrote: %s",
  async (kind) => {
    const expected = await recorded("expected.json");
    const predictor = await openPredictor(join(fixtures, kind));
    const { labels, scores } = readClasses(await predictor.predict(floatTable(predictor, expected.rows)));
    expect(labels).toEqual(expected.labels);
    expect(scores).toHaveLength(10);
    for (const [index, probability] of expected.probabilities.flat().entries())
      expect(scores?.[index]).toBeCloseTo(probability, 5);
  },
);

interface Recorded {
  readonly rows: readonly (readonly number[])[];
  readonly labels?: readonly (number | string)[];
  readonly probabilities?: readonly (readonly number[])[];
  readonly values?: readonly (number | readonly number[])[];
}

interface Predicted {
  readonly predictions: readonly unknown[];
  readonly probabilities?: unknown;
}
interface Outputs {
  readonly outputs: readonly {
    readonly name: string;
    readonly datatype: string;
    readonly shape: number[];
    data: unknown;
  }[];
}
interface Document {
  readonly components: { readonly schemas: Record<string, { readonly properties: Record<string, unknown> }> };
}

/** Creates the service for one of the other models, and returns scikit-learn's answers. */
async function served(name: string) {
  const { rows, ...models } = await recorded("others.json");
  const expected: Recorded = { rows, ...models[name] };
  const predictor = await openPredictor(join(fixtures, name));
  const app = createApp({ predictor, model: MODEL, limits: { maxRows: 2000, maxBodyBytes: 1e6 } });
  const ask = async <Answer = Predicted>(path: string, body: unknown): Promise<Answer> => {
    const headers = { "content-type": "application/json" };
    return (await app.request(path, { method: "POST", headers, body: JSON.stringify(body) })).json() as Answer;
  };
  const get = async <Answer>(path: string) => (await app.request(path)).json() as Answer;
  return { ask, get, predictor, expected };
}

/** Matches nested numbers, to float32 precision. */
function expectNear(found: unknown, wanted: unknown): void {
  if (typeof wanted === "number") expect(found).toBeCloseTo(wanted, 4);
  else if (Array.isArray(wanted)) {
    expect(found).toHaveLength(wanted.length);
    for (const [index, one] of wanted.entries()) expectNear((found as unknown[])[index], one);
  } else expect(found).toEqual(wanted);
}

const OTHERS = ["regressor", "two-values", "text", "double", "columns", "anomaly"];
test.for(OTHERS)("serves another kind of model like scikit-learn: %s", async (name) => {
  const { ask, expected } = await served(name);
  const answer = await ask("/predict", { features: expected.rows });
  expectNear(answer.predictions, expected.labels ?? expected.values);
  expectNear(answer.probabilities, expected.probabilities);
  // More rows than the reused memory holds, and a single row.
  const many = Array.from({ length: 1500 }, (_, row) => expected.rows[row % 5]);
  const more = await ask("/predict", { features: many });
  expect(more.predictions.slice(1495)).toEqual(answer.predictions);
  const alone = await ask("/predict", { features: [expected.rows[2]] });
  expect(alone.predictions).toEqual([answer.predictions[2]]);
});

test("returns outputs by name and shape on /invocations", async () => {
  const invoke = async (name: string) => {
    const { ask, expected } = await served(name);
    const body = { inputs: expected.rows.slice(0, 2) };
    return (await ask<{ predictions: Record<string, unknown> }>("/invocations", body)).predictions;
  };
  // The shape is [rows, 1].
  expect(await invoke("regressor")).toEqual({ variable: [[expect.any(Number)], [expect.any(Number)]] });
  expect(Object.keys(await invoke("text"))).toEqual(["label", "probabilities"]);
  expect((await invoke("text")).label).toEqual([expect.any(String), expect.any(String)]);
});

test("returns values and strings in the Open Inference Protocol's types, as its metadata announces", async () => {
  const infer = async (name: string) => {
    const { ask, get, expected } = await served(name);
    const inputs = [{ name: "X", datatype: "FP32", shape: [2, 4], data: expected.rows.slice(0, 2) }];
    const { outputs } = await ask<Outputs>("/v2/models/churn-model/infer", { inputs });
    const declared = (await get<Outputs>("/v2/models/churn-model")).outputs;
    for (const [index, { name, datatype, shape }] of outputs.entries())
      expect(declared[index]).toEqual({ name, datatype, shape: [-1, ...shape.slice(1)] });
    return { outputs, expected };
  };
  const values = await infer("two-values");
  expect(values.outputs).toMatchObject([{ name: "variable", datatype: "FP32", shape: [2, 2] }]);
  expectNear(values.outputs[0]?.data, values.expected.values?.slice(0, 2).flat());
  const text = await infer("text");
  expect(text.outputs).toMatchObject([
    { name: "label", datatype: "BYTES", shape: [2], data: text.expected.labels?.slice(0, 2) },
    { name: "probabilities", datatype: "FP32", shape: [2, 3] },
  ]);
});

test("accepts columns by name if each is an input, and rejects parts of a single tensor", async () => {
  const { ask, expected, predictor } = await served("columns");
  expect(columnNames(predictor.signature)).toEqual(["age", "income", "debt"]);
  const [first] = expected.rows;
  const named = { instances: [{ debt: first?.[2], age: first?.[0], income: first?.[1] }] };
  expect((await ask("/predict", named)).predictions).toEqual([expected.labels?.[0]]);
  const problem = await ask("/predict", { features: [first, [1.5, 0, 0], first] });
  const detail = expect.stringContaining("(age) must be a whole number");
  expect(problem).toMatchObject({ status: 422, pointer: "/features/1/0", detail });
  // A float32 would round it to a neighbour.
  expect(await ask("/predict", { features: [[16777217, 0, 0]] })).toMatchObject({ predictions: [expect.any(Number)] });
  // A double would round it, too.
  const inexact = { features: [[2 ** 53, 0, 0]] };
  expect(await ask("/predict", inexact)).toMatchObject({
    status: 422,
    detail: expect.stringContaining("send it as a string"),
  });
  expect(await ask("/predict", { features: [["9007199254740993", 0, 0]] })).toMatchObject({ predictions: [0] });
});

test.for([
  ["regressor", { type: "array", items: { type: "number" } }],
  ["two-values", { type: "array", items: { type: "array", items: { type: "number" } } }],
  ["text", { type: "array", items: { type: "string" } }],
] as const)("the OpenAPI document describes the responses of %s", async ([name, predictions]) => {
  const { get } = await served(name);
  const { components } = await get<Document>("/openapi.json");
  const { properties = {} } = components.schemas.PredictAnswer ?? {};
  expect(properties.predictions).toEqual(predictions);
  expect("probabilities" in properties).toBe(name === "text");
});
