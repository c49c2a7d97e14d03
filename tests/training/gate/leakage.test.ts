import { expect, test } from "vitest";
import type { Field, FieldType } from "../../../data/field.ts";
import { type Column, denseTable, type Table } from "../../../data/table.ts";
import type { Signature } from "../../../service/predictor/signature.ts";
import { dataPolicy, judgeData } from "../../../training/gate/checks/data.ts";
import { nearDuplicates } from "../../../training/gate/near-duplicates.ts";
import { countOf, sharedRows } from "../../../training/gate/shared-rows.ts";
import { seededRandom } from "../../../training/gate/statistics/random.ts";
import type { Snapshot } from "../../../training/snapshot.ts";

const numbers = (type: FieldType, values: readonly number[], missing?: readonly number[]): Table => ({
  fields: [{ name: "x", type, nullable: true }],
  columns: [
    {
      kind: "number",
      data: Float64Array.from(values),
      offset: 0,
      stride: 1,
      ...(missing && { missing: Uint8Array.from(missing) }),
    },
  ],
  rows: values.length,
});

test.each<[string, Table, Table, number]>([
  [
    "doubles that round to the same float32 are equal if the model takes float32",
    numbers("float32", [0.1]),
    numbers("float32", [0.1 + 1e-12]),
    1,
  ],
  ["and differ if it takes float64", numbers("float64", [0.1]), numbers("float64", [0.1 + 1e-12]), 0],
  ["-0 is 0 in float32", numbers("float32", [-0]), numbers("float32", [0]), 1],
  ["-0 is 0 in float64", numbers("float64", [-0]), numbers("float64", [0]), 1],
  ["NaN is NaN in float32", numbers("float32", [Number.NaN]), numbers("float32", [Number.NaN]), 1],
  ["NaN is NaN in float64", numbers("float64", [Number.NaN]), numbers("float64", [Number.NaN]), 1],
  ["NaN is a missing value", numbers("float64", [Number.NaN]), numbers("float64", [7], [1]), 1],
  ["NaN is not 0", numbers("float64", [Number.NaN]), numbers("float64", [0]), 0],
])("%s", (_name, evaluation, training, shared) => {
  expect(countOf(sharedRows(evaluation, training))).toBe(shared);
});

test("a million equal rows are compared in linear time", () => {
  const rows = 300_000;
  const training = numbers(
    "float32",
    Array.from({ length: rows }, (_, row) => row % 4),
  );
  const start = performance.now();
  expect(countOf(sharedRows(numbers("float32", [3, 4, 3]), training))).toBe(2);
  // Scanning the equal rows for each row would take minutes.
  expect(performance.now() - start).toBeLessThan(5_000);
});

/** A snapshot with an id and columns of doubles. */
function snapshot(path: string, columns: Readonly<Record<string, ArrayLike<number>>>): Snapshot {
  const entries = Object.entries(columns);
  const rows = entries[0]?.[1].length ?? 0;
  const fields = entries.map(([name]): Field => ({ name, type: "float64", nullable: false }));
  const all = entries.map(
    ([, values]): Column => ({ kind: "number", data: Float64Array.from(values), offset: 0, stride: 1 }),
  );
  return { path, md5: path, rows, unfit: new Map(), truth: undefined, table: { fields, columns: all, rows } };
}

const NAMED: Signature = {
  inputs: ["a", "b"].map((name) => ({ name, type: "float32", nullable: false })),
  isNamed: true,
};
const judge = (policy: object, evaluation: Snapshot, training: Snapshot, signature = NAMED) =>
  judgeData({ evaluation, training, signature }, dataPolicy.parse(policy));

test("a different id does not hide a leaked row, at the model's precision", () => {
  const evaluation = snapshot("evaluation.csv", { id: [1, 2, 3], a: [0.1, 0.2, 0.3], b: [1, 2, -0] });
  const training = snapshot("train.csv", { b: [0, 2], a: [0.3 + 1e-12, 0.25], id: [77, 78] });
  const { results, facts } = judge({ leakage: { max: 0 } }, evaluation, training);
  expect(results).toMatchObject([{ check: "data.leakage", outcome: "fail", value: 1 / 3 }]);
  expect(facts.data?.sharedRows).toBe(1);
});

test("leakage of an image with one column per pixel, for a model that takes one tensor", () => {
  const random = seededRandom(1);
  const image = (path: string, rows: number, copy?: Snapshot): Snapshot => {
    const data = Float32Array.from({ length: rows * 4 }, () => random.uniform());
    const table = copy?.table.columns[0];
    if (table?.kind === "number") data.set((table.data as Float32Array).subarray(0, 8));
    const fields = ["p0", "p1", "p2", "p3"].map((name): Field => ({ name, type: "float32", nullable: false }));
    return { path, md5: path, rows, unfit: new Map(), truth: undefined, table: denseTable(fields, data, rows) };
  };
  const training = image("train.csv", 20);
  const evaluation = image("evaluation.csv", 10, training);
  for (const isNamed of [true, false]) {
    const signature: Signature = {
      inputs: [{ name: "image", type: "float32", shape: [2, 2], nullable: false }],
      isNamed,
    };
    const { results } = judge({ leakage: { max: 0 }, nearDuplicates: { max: 0 } }, evaluation, training, signature);
    expect(results).toMatchObject([
      { check: "data.leakage", outcome: "fail", value: 0.2 },
      { check: "data.nearDuplicates", outcome: "fail", value: 0.2, required: false },
    ]);
  }
});

/** Rows with ten normal columns. */
function normals(rows: number, seed: number): Table {
  const random = seededRandom(seed);
  const fields = Array.from(
    { length: 10 },
    (_, index): Field => ({ name: `f${index}`, type: "float64", nullable: true }),
  );
  return denseTable(
    fields,
    Float64Array.from({ length: rows * 10 }, () => 100 + 5 * random.normal()),
    rows,
  );
}

test("rows with tiny differences are near-duplicates, even across a cell's edge, and others are not", () => {
  const training = normals(2_000, 1);
  const random = seededRandom(2);
  const close = normals(500, 3);
  const from = (training.columns[0] as { data: Float64Array }).data;
  // 0.0001 standard deviations, a tenth of a cell.
  const moved = from.slice(0, 5_000).map((value) => value + 1e-5 * 5 * random.normal());
  const nearly = denseTable(close.fields, moved, 500);
  const count = (table: Table) => nearDuplicates(table, training).reduce((sum, flag) => sum + flag, 0);
  expect(countOf(sharedRows(nearly, training))).toBe(0);
  expect(count(nearly)).toBeGreaterThan(480);
  expect(count(close)).toBe(0);
  expect(count(training)).toBe(2_000);
});

test("near-duplicates have equal texts, booleans and missing values", () => {
  const table = (texts: readonly string[], x: readonly number[]): Table => ({
    rows: x.length,
    fields: [
      { name: "plan", type: "string", nullable: true },
      { name: "x", type: "float64", nullable: true },
    ],
    columns: [
      { kind: "text", codes: Int32Array.from(texts, (_, row) => row), dictionary: texts },
      { kind: "number", data: Float64Array.from(x), offset: 0, stride: 1 },
    ],
  });
  const training = table(["a", "b", "c", "d"], [1, 2, 3, Number.NaN]);
  const evaluation = table(["a", "x", "c", "d"], [1 + 1e-6, 2, Number.NaN, Number.NaN]);
  expect([...nearDuplicates(evaluation, training)]).toEqual([1, 0, 0, 1]);
});

test("near-duplicates are advisory by default, and count exact copies", () => {
  const evaluation = snapshot("evaluation.csv", { a: [1, 2, 3], b: [1, 2, 3] });
  const training = snapshot("train.csv", { a: [1, 2.000001, 9], b: [1, 2, 9] });
  const { results, facts } = judge({ nearDuplicates: { max: 0.5 } }, evaluation, training);
  expect(results).toEqual([
    {
      check: "data.nearDuplicates",
      group: "data",
      outcome: "fail",
      required: false,
      relation: "<=",
      value: 2 / 3,
      bound: 0.5,
      why: "2 of 3 rows of evaluation.csv are nearly identical to a row of train.csv: numbers within 0.001 standard deviations, all other values equal; exact copies: 1",
      detail: "evaluation rows nearly identical to a training row 0.666667 > 0.50 allowed",
    },
  ]);
  expect(facts.data).toMatchObject({ sharedRows: 1, nearDuplicates: 2 });
  const required = judge({ nearDuplicates: { max: 0.5, level: "required" } }, evaluation, training);
  expect(required.results[0]).toMatchObject({ required: true });
});
