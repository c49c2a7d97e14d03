import { join } from "node:path";
import { expect, test } from "vitest";
import { referenceBins } from "../../data/drift/reference-bins.ts";
import { createApp } from "../../service/app.ts";
import { TableBuilder } from "../../service/inference/table-builder.ts";
import { openPredictor, type Signature } from "../../service/predictor/predictor.ts";
import type { DriftSummary } from "../../service/watch/drift.ts";
import { readDriftReference } from "../../service/watch/drift-reference.ts";
import { MODEL } from "./helpers/test-app.ts";

/** Returns the bins of a table of the model's columns. */
function binsOf({ inputs }: Signature, rows: readonly (readonly unknown[])[]): string {
  const builder = new TableBuilder(inputs, rows.length);
  for (const [row, values] of rows.entries())
    for (const [place, value] of values.entries()) expect(builder.put(place, row, value)).toBeUndefined();
  return referenceBins({ path: "reference.csv", md5: "", rows: rows.length, table: builder.table() });
}

async function served(kind: string, rows: readonly (readonly unknown[])[]) {
  const predictor = await openPredictor(join(import.meta.dirname, "../fixtures/parity", kind));
  const reference = await readDriftReference(binsOf(predictor.signature, rows), predictor.signature);
  const app = createApp({ predictor, model: MODEL, limits: { maxRows: 100, maxBodyBytes: 1e6 }, reference });
  const send = async (path: string, body: string, type = "application/json") => {
    const answer = await app.request(path, { method: "POST", headers: { "content-type": type }, body });
    expect(answer.status, await answer.clone().text()).toBe(200);
  };
  const ask = (path: string, body: unknown) => send(path, JSON.stringify(body));
  const drift = async () => ((await (await app.request("/watch")).json()) as { drift: DriftSummary }).drift;
  const metrics = async () => (await app.request("/metrics")).text();
  return { ask, send, drift, metrics };
}

const ISLANDS = ["Biscoe", "Biscoe", "Dream", "Dream", "Torgersen"];
const penguin = (row: number, island: string) => [
  35 + (row % 20),
  18,
  180 + (row % 30),
  4000,
  island,
  row % 2 ? "male" : "female",
];
const PENGUINS = Array.from({ length: 100 }, (_, row) => penguin(row, ISLANDS[row % 5] as string));
const NAMES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "island", "sex"];

test("counts typed rows of every request form: categories and missing values in /watch, the index in /metrics", async () => {
  const { ask, send, drift, metrics } = await served("penguins-mixed", PENGUINS);
  const [row] = PENGUINS;
  const without: readonly unknown[] = (row ?? []).map((value, place) => (place === 0 ? null : value));
  await ask("/predict", { features: [row] });
  await ask("/predict", { instances: [Object.fromEntries(NAMES.map((name, place) => [name, row?.[place]]))] });
  await ask("/invocations", { dataframe_split: { columns: NAMES, data: [without] } });
  await send("/invocations", `${NAMES}\n${without.map((value) => value ?? "")}\n`, "text/csv");
  await ask("/v2/models/churn-model/infer", {
    inputs: NAMES.map((name, place) => ({
      name,
      shape: [1, 1],
      datatype: place < 4 ? "FP32" : "BYTES",
      data: [name === "island" ? "Atlantis" : row?.[place]],
    })),
  });
  const found = await drift();
  expect(found.rows).toBe(5);
  expect(found.categories.island).toEqual([
    { category: "Biscoe", reference: 0.4, window: 0.8 },
    { category: "Dream", reference: 0.4, window: 0 },
    { category: "Torgersen", reference: 0.2, window: 0 },
    { category: "(other)", reference: 0, window: 0.2 },
  ]);
  expect(found.missing).toEqual({ bill_length_mm: 0.4 });
  expect(found.psi.island).toBeNull();
  const text = await metrics();
  expect(text).toContain('inference_feature_missing_ratio{feature="bill_length_mm"} 0.4');
  // A string that is not in the reference comes from a caller, so it is not named.
  expect(text + JSON.stringify(found)).not.toContain("Atlantis");
  for (let run = 0; run < 20; run++) await ask("/predict", { features: PENGUINS });
  expect((await drift()).psi.island).toBeLessThan(0.05);
  for (let run = 0; run < 100; run++)
    await ask("/predict", { features: PENGUINS.map((_, index) => penguin(index, "Dream")) });
  const { psi } = await drift();
  expect(psi.island).toBeGreaterThan(1);
  expect(psi.sex).toBeLessThan(0.05);
  expect(await metrics()).toMatch(/inference_feature_drift_psi\{feature="island"\} [1-9]/);
});

test("counts booleans and whole numbers exactly", async () => {
  const people = Array.from({ length: 100 }, (_, row) => [20 + (row % 50), 30_000 + row, row % 4 === 0]);
  const { ask, drift } = await served("integer-float-boolean", people);
  // At most 64 rows of a request are counted.
  for (let run = 0; run < 20; run++)
    await ask("/predict", { features: people.slice((run % 2) * 50, (run % 2) * 50 + 50) });
  expect((await drift()).psi).toEqual({ age: 0, income: 0, premium: 0 });
  const members = people.map(([age, income]) => [age, income, true]);
  for (let run = 0; run < 100; run++)
    await ask("/predict", { features: members.slice((run % 2) * 50, (run % 2) * 50 + 50) });
  const { psi, categories } = await drift();
  expect(psi).toMatchObject({ age: 0, income: 0 });
  expect(psi.premium).toBeGreaterThan(1);
  expect(categories.premium).toEqual([
    { category: "false", reference: 0.75, window: 0 },
    { category: "true", reference: 0.25, window: 1 },
  ]);
});

test("omits a column whose bins are of another kind, and accepts bins of 0 and 1 for booleans", async () => {
  const { signature } = await openPredictor(join(import.meta.dirname, "../fixtures/parity/penguins-mixed"));
  const bins = JSON.parse(binsOf(signature, PENGUINS)) as { columns: { name: string }[] };
  const columns = bins.columns.map((column) =>
    column.name === "sex" ? { name: "sex", edges: [0], shares: [1, 0] } : column,
  );
  const read = await readDriftReference(JSON.stringify({ columns }), signature);
  expect(read.map(({ name }) => name)).toEqual(NAMES.slice(0, 5));
  const { signature: mixed } = await openPredictor(
    join(import.meta.dirname, "../fixtures/parity/integer-float-boolean"),
  );
  const numbers = mixed.inputs.map(({ name }) => ({ name, edges: [0], shares: [0.75, 0.25] }));
  expect((await readDriftReference(JSON.stringify(numbers), mixed)).map(({ name }) => name)).toContain("premium");
});
