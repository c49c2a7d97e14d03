import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Field } from "../../../data/field.ts";
import { readTable } from "../../../data/reader/read-table.ts";
import { temporaryFolder } from "../../fixtures/training/pinned-csv.ts";

async function read(content: string, weights: string, fields: readonly Field[] = []) {
  const path = join(await temporaryFolder(), "data.csv");
  await writeFile(path, content);
  return readTable(path, { fields, others: "any", format: { weights }, verify: () => {} });
}

const csv = (weights: readonly string[]) => `w,a,label\n${weights.map((weight) => `${weight},1,0\n`).join("")}`;

test("separates the weights from the table", async () => {
  const { table, weights } = await read(csv(["0", "2.5", "1e3"]), "w");
  expect(weights).toEqual(Float64Array.of(0, 2.5, 1000));
  expect(table).toMatchObject({ fields: [{ name: "a" }], columns: [{ data: Float64Array.of(1, 1, 1), stride: 1 }] });
  const path = join(await temporaryFolder(), "data.csv");
  await writeFile(path, csv(["1"]));
  expect(await readTable(path, { others: "numbers", verify: () => {} })).not.toHaveProperty("weights");
});

test.each<[string, string[], string]>([
  ["an empty weight", ["1", ""], "data.csv:3: column w is empty: each row needs a weight"],
  [
    "a weight that is not a number",
    ["1", "x"],
    'data.csv:3: column w must be a finite number, got "x": data.weights names',
  ],
  ["infinity", ["1", "inf"], 'data.csv:3: column w must be a finite number, got "inf"'],
  [
    "a weight whose square overflows",
    ["1", "1e200"],
    'data.csv:3: column w must be 0, or from 1e-100 to 1e+100, got "1e+200" (scale all weights: only their ratios matter): data.weights names the column',
  ],
  [
    "a weight whose square underflows",
    ["1", "1e-200"],
    'data.csv:3: column w must be 0, or from 1e-100 to 1e+100, got "1e-200" (scale all weights: only their ratios matter): data.weights names the column',
  ],
  ["a negative weight", ["1", "-0.5"], 'data.csv:3: column w must be a weight of 0 or more, got "-0.5"'],
  ["weights that are all 0", ["0", "0"], "data.csv: column w is 0 in every row: at least one row needs a weight"],
])("rejects %s", async (_name, weights, message) => {
  await expect(read(csv(weights), "w")).rejects.toThrow(message);
});

test("rejects absent weights, and weights that the model takes as a feature", async () => {
  await expect(read(csv(["1"]), "weight")).rejects.toThrow(
    'data.csv:1: there is no column "weight": it has w, a, label. Name the column of the weights with data.weights',
  );
  await expect(read(csv(["1"]), "w", [{ name: "w", type: "float32", nullable: false }])).rejects.toThrow(
    "data.csv:1: the model requires the column w, but data.weights excludes it",
  );
});

test("reports the first fault of a file, in whichever column", async () => {
  await expect(read("w,a,label\n1,1,0\n1,1,7\n-1,1,0\n", "w")).rejects.toThrow("data.csv:3: column label must be");
  await expect(read("w,a,label\n1,1,0\n-1,1,0\n1,1,7\n", "w")).rejects.toThrow("data.csv:3: column w must be");
});
