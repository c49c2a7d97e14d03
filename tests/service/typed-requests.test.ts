import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { OpenApiDocument } from "../../service/openapi/document.ts";
import { fixtures, PENGUIN, served } from "./helpers/typed-models.ts";

const CUSTOMER = { age: 40, income: 30_000, premium: true };

test.each([
  ["penguins-mixed", { ...PENGUIN, island: 7 }, "/island", "(island) must be a string, not a number"],
  [
    "penguins-mixed",
    { ...PENGUIN, sex: true },
    "/sex",
    'must be a string, not a boolean: send it in quotes, as the training data spells it, such as "true"',
  ],
  [
    "penguins-mixed",
    { ...PENGUIN, island: null },
    "/island",
    "(island) must be a string, not null; to allow missing values",
  ],
  [
    "penguins-mixed",
    { ...PENGUIN, body_mass_g: "3750" },
    "/body_mass_g",
    "(body_mass_g) must be a number, not a string",
  ],
  [
    "integer-float-boolean",
    { ...CUSTOMER, age: 40.5 },
    "/age",
    "(age) must be a whole number from -9223372036854775808",
  ],
  ["integer-float-boolean", { ...CUSTOMER, age: 2 ** 60 }, "/age", "is 1152921504606847000, beyond 2^53"],
  ["integer-float-boolean", { ...CUSTOMER, age: "9223372036854775808" }, "/age", "not 9223372036854775808"],
  [
    "integer-float-boolean",
    { ...CUSTOMER, premium: "yes" },
    "/premium",
    "(premium) must be true or false, not a string",
  ],
  [
    "integer-float-boolean",
    { ...CUSTOMER, income: null },
    "/income",
    "(income) must be a number, not null; to allow missing values, log the model with a signature that has required: false",
  ],
])("422 names row, column and type: %s", async (kind, row, pointer, detail) => {
  const { ask } = await served(kind);
  const good = kind === "penguins-mixed" ? PENGUIN : CUSTOMER;
  expect((await ask("/predict", { instances: [good] })).status).toBe(200);
  expect(await ask("/predict", { instances: [good, row] })).toMatchObject({
    status: 422,
    pointer: `/instances/1${pointer}`,
    detail: expect.stringContaining(detail),
  });
});

test("missing numbers are null, NaN as Python's json writes it, or omitted", async () => {
  const { ask, send } = await served("penguins-mixed");
  const { bill_length_mm: _, ...without } = PENGUIN;
  const expected = await ask("/predict", { instances: [{ ...PENGUIN, bill_length_mm: null }] });
  expect(expected).toMatchObject({ status: 200, predictions: ["Adelie"], classes: ["Adelie", "Chinstrap", "Gentoo"] });
  expect(await ask("/predict", { instances: [without] })).toEqual(expected);
  const python = JSON.stringify({ instances: [{ ...PENGUIN, bill_length_mm: 0.5 }] }).replace("0.5", "NaN");
  expect(await send("/predict", python)).toEqual(expected);
  // The string "NaN" is a string.
  expect(await send("/predict", python.replace("Torgersen", "NaN"))).toMatchObject({ status: 200 });
  expect((await send("/predict", python.replace('"Torgersen"', "NaN"))).detail).toContain("must be a string, not null");
});

test.each(["/predict", "/invocations"])(
  "%s: optional columns may be omitted, but a misspelled one is an error",
  async (path) => {
    const { ask, send } = await served("penguins-mixed");
    const { bill_length_mm: _, ...without } = PENGUIN;
    const expected = await ask(path, { instances: [{ ...PENGUIN, bill_length_mm: null }] });
    expect(expected.status).toBe(200);
    const names = Object.keys(without);
    const values = Object.values(without);
    const lists = Object.fromEntries(Object.entries(without).map(([name, value]) => [name, [value]]));
    for (const body of [
      { instances: [without] },
      { dataframe_records: [{ ...without, species: "Adelie" }] },
      { dataframe_split: { columns: names, data: [values] } },
      { dataframe_split: { columns: [...names, "year"], data: [[...values, 2007]] } },
      { inputs: lists },
      { inputs: { ...lists, year: [2007] } },
    ])
      expect(await ask(path, body)).toEqual(expected);
    for (const wrong of ["Bill_Length_mm", "bill length mm", "bill_lenght_mm", "bill_length"]) {
      const detail = `is not a column of the model, but resembles "bill_length_mm", which is absent`;
      const refused = (pointer: string) => ({ status: 422, pointer, detail: expect.stringContaining(detail) });
      expect(await ask(path, { instances: [{ ...without, [wrong]: 39.1 }] })).toMatchObject(
        refused(`/instances/0/${wrong}`),
      );
      expect(await ask(path, { inputs: { ...lists, [wrong]: [39.1] } })).toMatchObject(refused(`/inputs/${wrong}`));
      expect(
        await ask(path, { dataframe_split: { columns: [...names, wrong], data: [[...values, 39.1]] } }),
      ).toMatchObject(refused(`/dataframe_split/columns/${wrong}`));
    }
    if (path === "/invocations") {
      const csv = await send(path, `${names},bill_lenght_mm\n${values},39.1\n`, "text/csv");
      expect(csv).toMatchObject({
        status: 422,
        detail: expect.stringContaining('resembles "bill_length_mm", which is absent'),
      });
    }
  },
);

test("the Open Inference Protocol rejects unknown inputs, and accepts requests without optional ones", async () => {
  const { ask } = await served("penguins-mixed");
  const { bill_length_mm: _, ...without } = PENGUIN;
  const inputs = Object.entries(without).map(([name, value]) => ({
    name,
    shape: [1, 1],
    datatype: typeof value === "number" ? "FP32" : "BYTES",
    data: [value],
  }));
  const path = "/v2/models/churn-model/infer";
  expect((await ask(path, { inputs })).status).toBe(200);
  const year = { name: "year", shape: [1, 1], datatype: "FP32", data: [2007] };
  expect(await ask(path, { inputs: [...inputs, year] })).toMatchObject({ status: 422, pointer: "/inputs/5/name" });
});

test("rejects a tensor with a list of the wrong length", async () => {
  const { ask } = await served("digits-images");
  const image = Array.from({ length: 8 }, () => new Array(8).fill(0));
  const wrong = image.with(3, [1, 2]);
  expect(await ask("/predict", { instances: [image, wrong] })).toMatchObject({
    status: 422,
    pointer: "/instances/1/3",
  });
  const path = "/v2/models/churn-model/infer";
  const inputs = [{ name: "X", shape: [1, 64], datatype: "FP32", data: image.flat() }];
  expect(await ask(path, { inputs })).toMatchObject({ status: 422, pointer: "/inputs/0/shape" });
  const texts = [{ name: "X", shape: [1, 8, 8], datatype: "BYTES", data: image.flat() }];
  expect(await ask(path, { inputs: texts })).toMatchObject({ status: 422, pointer: "/inputs/0/datatype" });
});

test("the model's metadata and page describe its types", async () => {
  const { app } = await served("penguins-mixed");
  const metadata = (await (await app.request("/v2/models/churn-model")).json()) as { inputs: unknown[] };
  expect(metadata.inputs).toContainEqual({ name: "island", datatype: "BYTES", shape: [-1, 1] });
  const html = await (await app.request("/")).text();
  expect(html).toContain('<input type="text" id="field-4" data-feature="4" data-type="string" value="">');
  const { app: mixed } = await served("integer-float-boolean");
  expect(await (await mixed.request("/")).text()).toContain('<input type="checkbox" id="field-2" data-feature="2"');
});

test.each(["penguins-mixed", "integer-float-boolean", "digits-images", "two-tensors-of-columns", "double-epoch"])(
  "the OpenAPI document's examples work: %s",
  async (kind) => {
    const { app, send } = await served(kind);
    const document = (await (await app.request("/openapi.json")).json()) as OpenApiDocument;
    type Content = Record<string, { examples: Record<string, { value: unknown }> }>;
    const paths = document.paths as Record<string, { post?: { requestBody: { content: Content } } }>;
    let answered = 0;
    for (const [path, { post }] of Object.entries(paths))
      for (const [type, { examples }] of Object.entries(post?.requestBody.content ?? {}))
        for (const { value } of Object.values(examples)) {
          const body = typeof value === "string" ? value : JSON.stringify(value);
          expect((await send(path, body, type)).status, `${path} ${body}`).toBe(200);
          answered++;
        }
    expect(answered).toBeGreaterThan(5);
  },
);

test("applies threshold and activation from the metadata", async () => {
  const { ask, predictor } = await served("metadata-threshold");
  const { rows } = JSON.parse(await readFile(join(fixtures, "metadata-threshold/expected.json"), "utf8"));
  const answer = (await ask("/predict", { features: rows })) as unknown as {
    predictions: string[];
    probabilities: number[][];
  };
  for (const [row, name] of answer.predictions.entries())
    expect(name).toBe((answer.probabilities[row]?.[0] ?? 0) >= 0.9 ? "benign" : "malignant");
  expect(new Set(answer.predictions).size).toBe(2);
  expect(predictor.classAnswers).toMatchObject({ classes: ["benign", "malignant"], scores: "probabilities" });
});
