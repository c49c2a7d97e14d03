import { describe, expect, test } from "vitest";
import { FEWEST_ROWS_NAMED, MOST_CATEGORIES } from "../../data/drift/categories.ts";
import { columnDrift } from "../../data/drift/column-drift.ts";
import { driftReferenceText, parseReferenceBins, referenceBins } from "../../data/drift/reference-bins.ts";
import type { Field } from "../../data/field.ts";
import type { Truth } from "../../data/prediction.ts";
import type { Column, NumberArray, Table } from "../../data/table.ts";

const field = (type: Field["type"], nullable = true): Field => ({ name: "x", type, nullable });
const numbers = (data: NumberArray, missing?: Uint8Array): Column => ({
  kind: "number",
  data,
  offset: 0,
  stride: 1,
  ...(missing && { missing }),
});
/** Gives each string its own dictionary entry, as request readers do. */
const texts = (values: readonly (string | null)[]): Column => ({
  kind: "text",
  codes: Int32Array.from(values, (value, row) => (value === null ? -1 : row)),
  dictionary: values.map((value) => value ?? ""),
});
const repeated = <Value>(value: Value, times: number): Value[] => new Array<Value>(times).fill(value);
const drift = (of: Field, reference: Column, evaluation: Column, rows: number, found = rows) =>
  columnDrift(of, reference, evaluation, { reference: rows, evaluation: found });
const binsOf = (table: Table, truth?: Truth) =>
  parseReferenceBins(referenceBins({ path: "r.csv", md5: "m", rows: table.rows, table, truth })).columns;

describe("categories", () => {
  const reference = texts([...repeated("a", 60), ...repeated("b", 30), ...repeated("rare", 4), ...repeated(null, 6)]);

  test("each frequent category has a bin, and so have all others and missing values; rare categories are never named", () => {
    const found = drift(
      field("string"),
      reference,
      texts([...repeated("b", 50), "new", "rare", ...repeated(null, 48)]),
      100,
    );
    expect(found).toMatchObject({
      labels: ["a", "b", "(other)", "(missing)"],
      reference: [0.94 * (60 / 94), 0.94 * (30 / 94), 0.94 * (4 / 94), 0.06],
      evaluation: [0, 0.5, 0.02, 0.48],
      hasMissing: true,
    });
    expect(found?.samples).toBeUndefined();
    expect(JSON.stringify(found)).not.toContain("rare");
    // Computed by hand: (found - expected) x ln(found / expected) per bin, with 1e-4 for an empty bin.
    const bins = [
      [0.6, 1e-4],
      [0.3, 0.5],
      [0.04, 0.02],
      [0.06, 0.48],
    ];
    const psi = bins.reduce((sum, [was = 0, is = 0]) => sum + (is - was) * Math.log(is / was), 0);
    expect(found?.psi).toBeCloseTo(psi, 9);
  });

  test("the order of the rows changes neither bins nor drift", () => {
    const shuffled = texts([...repeated(null, 6), ...repeated("b", 30), ...repeated("rare", 4), ...repeated("a", 60)]);
    expect(drift(field("string"), reference, shuffled, 100)?.psi).toBeCloseTo(0, 12);
    const table = (column: Column): Table => ({ fields: [field("string")], columns: [column], rows: 100 });
    expect(binsOf(table(shuffled))).toEqual(binsOf(table(reference)));
    expect(binsOf(table(reference))).toEqual([
      { name: "x", categories: ["a", "b"], categoryShares: [60 / 94, 30 / 94, 4 / 94], missing: 0.06 },
    ]);
  });

  test("at most the most frequent categories have bins, and notes have none", () => {
    const many = Array.from({ length: 40 }, (_, index) => repeated(`c${index}`, FEWEST_ROWS_NAMED + index)).flat();
    const table: Table = { fields: [field("string")], columns: [texts(many)], rows: many.length };
    const [column] = binsOf(table);
    expect(column?.categories).toHaveLength(MOST_CATEGORIES);
    expect(column?.categories?.[0]).toBe("c39");
    const notes = texts(repeated("n".repeat(101), 50));
    expect(binsOf({ fields: [field("string")], columns: [notes], rows: 50 })[0]?.categories).toEqual([]);
  });

  test("bins booleans, with and without missing values", () => {
    const yes = (rows: number, of: number) => Uint8Array.from({ length: rows }, (_, row) => (row < of ? 1 : 0));
    expect(drift(field("boolean"), numbers(yes(100, 70)), numbers(yes(50, 35)), 100, 50)).toMatchObject({
      labels: ["true", "false", "(other)"],
      psi: 0,
      hasMissing: false,
    });
    const absent = yes(100, 50);
    const found = drift(field("boolean"), numbers(yes(100, 70)), numbers(yes(100, 70), absent), 100);
    expect(found?.evaluation).toEqual([0.2, 0.3, 0, 0.5]);
    expect(found?.psi).toBeGreaterThan(3);
  });
});

describe("numbers", () => {
  const ramp = (rows: number, of: (row: number) => number) => Float64Array.from({ length: rows }, (_, row) => of(row));

  test("missing values have their own bin, and shares are of all rows", () => {
    const found = drift(
      field("float64"),
      numbers(ramp(100, (row) => row)),
      numbers(ramp(100, (row) => (row % 2 ? row : Number.NaN))),
      100,
    );
    expect(found?.hasMissing).toBe(true);
    expect(found?.reference.map((share) => Math.round(share * 100))).toEqual([...repeated(10, 10), 0]);
    expect(found?.evaluation).toEqual([...repeated(0.05, 10), 0.5]);
    expect(found?.samples?.evaluation).toHaveLength(50);
    expect(found?.psi).toBeGreaterThan(1);
  });

  test("a column without missing values has no bin for them, and a column without any value has one bin", () => {
    const all = numbers(ramp(100, (row) => row));
    expect(drift(field("float32"), all, all, 100)).toMatchObject({ hasMissing: false, psi: 0 });
    const none = numbers(ramp(100, () => Number.NaN));
    expect(drift(field("float64"), none, none, 100)).toMatchObject({ reference: [0, 1], evaluation: [0, 1], psi: 0 });
    expect(drift(field("float64"), none, all, 100)?.psi).toBeGreaterThan(5);
  });

  test("rounding alone does not make tenths drift, in floats or doubles", () => {
    const tenths = ramp(1000, (row) => (row % 10) / 10);
    const [double, float] = [numbers(tenths), numbers(Float32Array.from(tenths))];
    expect(drift(field("float64"), double, double, 1000)?.psi).toBe(0);
    expect(columnDrift(field("float32"), double, float, { reference: 1000, evaluation: 1000 })?.psi).toBe(0);
  });

  test("distinguishes whole numbers and dates that float32 cannot distinguish", () => {
    const from = (start: bigint) => BigInt64Array.from({ length: 1000 }, (_, row) => start + BigInt(row % 100));
    const [base, later] = [1_000_000_000n, 1_000_000_050n];
    for (const type of ["int64", "datetime"] as const) {
      expect(drift(field(type), numbers(from(base)), numbers(from(base)), 1000)?.psi).toBe(0);
      expect(drift(field(type), numbers(from(base)), numbers(from(later)), 1000)?.psi).toBeGreaterThan(1);
    }
    const table = (type: Field["type"], data: NumberArray): Table => ({
      fields: [field(type)],
      columns: [numbers(data)],
      rows: 1000,
    });
    expect(binsOf(table("int64", from(base)))[0]?.exact).toBe(true);
    // The format for small numbers has not changed.
    expect(binsOf(table("int64", from(0n)))[0]).toEqual(
      binsOf(table("float64", Float64Array.from(from(0n), Number)))[0],
    );
  });

  test("reads float16 from its bits", () => {
    const halves = Float16Array.from({ length: 100 }, (_, row) => row / 4);
    const found = drift(
      field("float16"),
      numbers(new Uint16Array(halves.buffer)),
      numbers(new Uint16Array(halves.buffer)),
      100,
    );
    expect(found?.samples?.reference.at(-1)).toBe(24.75);
  });
});

test("fields with dimensions have no bins, but keep their position", () => {
  const image = { name: "image", type: "float32", shape: [2, 2], nullable: false } as const;
  const column = numbers(new Float32Array(40));
  expect(columnDrift(image, column, column, { reference: 10, evaluation: 10 })).toBeUndefined();
  expect(binsOf({ fields: [image], columns: [column], rows: 10 })).toEqual([{ name: "image" }]);
});

test("ground truth comes last: numeric classes as numbers, others as categories, targets by name", () => {
  const table: Table = { fields: [], columns: [], rows: 20 };
  const codes = Int32Array.from({ length: 20 }, (_, row) => (row < 15 ? 0 : 1));
  expect(binsOf(table, { kind: "classes", classes: ["no", "yes"], codes })).toEqual([
    { name: "label", categories: ["no", "yes"], categoryShares: [0.75, 0.25, 0] },
  ]);
  expect(binsOf(table, { kind: "classes", classes: [0, 1], codes })[0]).toMatchObject({ edges: [0, 1] });
  const data = Float64Array.from({ length: 40 }, (_, index) => index);
  expect(binsOf(table, { kind: "values", data, targets: ["a", "b"] }).map(({ name }) => name)).toEqual(["a", "b"]);
});

test("bins of every kind reach the service unchanged", () => {
  const columns = [
    { name: "x", edges: [1], shares: [0.5, 0.5], missing: 0.1 },
    { name: "y", edges: [16_777_217], shares: [0.5, 0.5], exact: true },
    { name: "z", categories: ["a", true], categoryShares: [0.5, 0.25, 0.25], missing: 0 },
    { name: "image" },
  ] as const;
  expect(parseReferenceBins(driftReferenceText({ columns })).columns).toEqual(columns);
});

test.for([
  ['[{"name":"x","categories":["a"],"categoryShares":[1]}]', "of x must have string or boolean categories, and one"],
  ['[{"name":"x","categories":[1],"categoryShares":[1,0]}]', "of x must have string or boolean categories, and one"],
  [
    '[{"name":"x","categories":["a","a"],"categoryShares":[1,0,0]}]',
    "of x must have at most 255 categories, without duplicates",
  ],
  ['[{"name":"x","edges":[1],"shares":[1,0],"missing":2}]', "of x must have a share of missing values between 0 and 1"],
] as const)("rejects bins: %s", ([text, message]) => {
  expect(() => parseReferenceBins(text)).toThrow(message);
});
