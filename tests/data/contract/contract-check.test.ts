import { expect, test } from "vitest";
import { cellRules } from "../../../data/contract/cell-rules.ts";
import { ContractCheck } from "../../../data/contract/contract-check.ts";
import { type ColumnRules, contractSchema } from "../../../data/contract/data-contract.ts";
import type { Field, FieldType } from "../../../data/field.ts";
import { arrayOf } from "../../../data/number-array.ts";
import type { Column, Table } from "../../../data/table.ts";

type Cells = readonly (string | number | bigint | null)[];

function columnOf(type: FieldType, cells: Cells): Column {
  if (type === "string") {
    const dictionary = [...new Set(cells.filter((cell) => cell !== null))].map(String);
    const codes = Int32Array.from(cells, (cell) => (cell === null ? -1 : dictionary.indexOf(String(cell))));
    return { kind: "text", codes, dictionary };
  }
  const data = new (arrayOf(type) as Float64ArrayConstructor)(cells.length);
  for (const [row, cell] of cells.entries()) if (cell !== null) data[row] = cell as number;
  return {
    kind: "number",
    data,
    offset: 0,
    stride: 1,
    missing: Uint8Array.from(cells, (cell) => Number(cell === null)),
  };
}

function tableOf(columns: Readonly<Record<string, readonly [FieldType, Cells]>>): Table {
  const entries = Object.entries(columns);
  return {
    fields: entries.map(([name, [type]]): Field => ({ name, type, nullable: true })),
    columns: entries.map(([, [type, cells]]) => columnOf(type, cells)),
    rows: entries[0]?.[1][1].length ?? 0,
  };
}

function broken(rules: object, type: FieldType, cells: Cells, decimal?: string) {
  const check = new ContractCheck(contractSchema.parse({ columns: { x: rules } }), decimal);
  check.take(tableOf({ x: [type, cells] }));
  return check.findings().violations;
}

test("counts the rows that violate a rule, with number and value of the first", () => {
  expect(broken({ min: 0, max: 10 }, "float64", [5, -2, 11, -7, 10, 0])).toEqual([
    { column: "x", rule: "min", rows: 2, row: 2, example: "-2", bound: "0" },
    { column: "x", rule: "max", rows: 1, row: 3, example: "11", bound: "10" },
  ]);
});

test.each<[string, object, FieldType, Cells, unknown]>([
  ["a string in a column of numbers", { type: "number" }, "string", ["1", "x", "2.5"], ["type", 1, 2, '"x"']],
  ["a fraction among whole numbers", { type: "integer" }, "float64", [1, 2.5], ["type", 1, 2, "2.5"]],
  ["whole numbers stored as floats", { type: "integer" }, "float32", [1, 2], undefined],
  ["a number that is neither true nor false", { type: "boolean" }, "float64", [0, 1, 2], ["type", 1, 3, "2"]],
  ["booleans", { type: "boolean" }, "boolean", [0, 1], undefined],
  ["booleans as strings", { type: "boolean" }, "string", ["true", "False", "maybe"], ["type", 1, 3, '"maybe"']],
  ["a number instead of a date", { type: "date" }, "float64", [1], ["type", 1, 1, "1"]],
  [
    "a date as a string",
    { type: "date", min: "2026-01-01" },
    "string",
    ["2026-05-01", "2025-12-31"],
    ["min", 1, 2, '"2025-12-31"'],
  ],
  [
    "a moment",
    { type: "date", max: "2026-01-01" },
    "datetime",
    [0n, 1_800_000_000_000_000n],
    ["max", 1, 2, "2027-01-15T08:00:00.000Z"],
  ],
  ["a date instead of a number", { type: "number" }, "datetime", [0n], ["type", 1, 1, "1970-01-01T00:00:00.000Z"]],
  ["a category that is not listed", { categories: ["a", "b"] }, "string", ["a", "c", "c"], ["categories", 2, 2, '"c"']],
  ["a number that is not listed", { categories: [0, 1] }, "int64", [0n, 7n], ["categories", 1, 2, "7"]],
  ["numbers listed as strings", { categories: ["0", "1"] }, "float64", [0, 1], undefined],
  [
    "numbers in texts, listed as numbers",
    { categories: [0, 1] },
    "string",
    ["0", "1.0", "x"],
    ["categories", 1, 3, '"x"'],
  ],
  ["strings listed as strings", { categories: ["7", "x"] }, "string", ["7", "007"], ["categories", 1, 2, '"007"']],
  ["an arbitrary string", { type: "text" }, "float64", [1], undefined],
  ["a repeated key", { unique: true }, "string", ["a", "b", "a", null, null], ["unique", 1, 3, '"a"']],
  ["keys that differ beyond 2^53", { unique: true }, "int64", [2n ** 53n, 2n ** 53n + 1n], undefined],
  ["a range of strings", { min: 0 }, "string", ["1", "-1"], ["min", 1, 2, '"-1"']],
])("%s", (_name, rules, type, cells, expected) => {
  const [first, ...others] = broken(rules, type, cells);
  expect(others).toEqual([]);
  expect(first && [first.rule, first.rows, first.row, first.example]).toEqual(expected);
});

test("parses numbers in text with the file's decimal mark", () => {
  expect(broken({ type: "number", max: 2 }, "string", ["1,5", "2,5"], ",")).toMatchObject([{ rule: "max", row: 2 }]);
  expect(broken({ type: "number" }, "string", ["1,5"])).toMatchObject([{ rule: "type" }]);
});

test("compares at the column's precision: the float32 nearest to a bound satisfies it", () => {
  expect(broken({ min: 0.1, max: 0.1, categories: [0.1] }, "float32", [0.1])).toEqual([]);
  expect(broken({ max: 0.1 }, "float64", [Math.fround(0.1)])).toMatchObject([
    { rule: "max", example: "0.10000000149011612" },
  ]);
  expect(broken({ max: 0.1 }, "float32", [0.2])).toMatchObject([{ example: "0.2" }]);
});

test("the range that needs no check contains only valid numbers", () => {
  const values = [Number.NEGATIVE_INFINITY, -1e300, -1, 0, 0.5, 1, 2, 1e300, Number.POSITIVE_INFINITY];
  const rulesOf = [
    {},
    { type: "number" },
    { type: "text" },
    { type: "integer" },
    { type: "boolean" },
    { type: "date" },
    { categories: [0, 1] },
  ];
  let quick = 0;
  for (const type of ["float64", "float32", "datetime", "boolean"] as const)
    for (const rules of rulesOf)
      for (const range of [{}, { min: 0 }, { max: 1 }]) {
        const checked = cellRules({ ...rules, ...range } as ColumnRules, { type });
        for (const value of values.filter((one) => one >= checked.low && one <= checked.high)) {
          quick++;
          expect(checked.ofNumber(value), JSON.stringify({ type, rules, range, value })).toBeUndefined();
        }
      }
  expect(quick).toBeGreaterThan(100);
});

test("a missing share of 0 allows no missing values, and any other allows that share", () => {
  expect(broken({ missing: 0 }, "float64", [1, null, null])).toEqual([
    { column: "x", rule: "missing", rows: 2, row: 2, bound: "0" },
  ]);
  expect(broken({ missing: 0.5 }, "string", ["a", null])).toEqual([]);
  expect(broken({ missing: 0.4 }, "string", ["a", null])).toMatchObject([{ rule: "missing", rows: 1 }]);
  expect(broken({}, "string", [null])).toEqual([]);
});

test("names an absent column and the nearest existing one", () => {
  const check = new ContractCheck(contractSchema.parse({ columns: { incom: {}, age: {} } }));
  check.take(tableOf({ income: ["float64", [1]], age: ["float64", [1]] }));
  expect(check.findings().violations).toEqual([{ column: "incom", rule: "column", rows: 1, bound: "income" }]);
});

test("batches give the same findings as the whole table: counts, rows, repeated values, row count", () => {
  const contract = contractSchema.parse({
    rows: { min: 10 },
    columns: { id: { unique: true }, x: { max: 2, missing: 0 } },
  });
  const ids = ["a", "b", "a", "c"];
  const values = [1, 3, null, 4];
  const whole = new ContractCheck(contract);
  whole.take(tableOf({ id: ["string", ids], x: ["float64", values] }));
  const parts = new ContractCheck(contract);
  for (const from of [0, 1, 3])
    parts.take(
      tableOf({
        id: ["string", ids.slice(from, from === 0 ? 1 : from === 1 ? 3 : 4)],
        x: ["float64", values.slice(from, from === 0 ? 1 : from === 1 ? 3 : 4)],
      }),
    );
  expect(parts.findings()).toEqual(whole.findings());
  expect(whole.findings()).toEqual({
    rows: 4,
    violations: [
      { rule: "rows", rows: 4, bound: "at least 10" },
      { column: "id", rule: "unique", rows: 1, row: 3, example: '"a"' },
      { column: "x", rule: "missing", rows: 1, row: 3, bound: "0" },
      { column: "x", rule: "max", rows: 2, row: 2, example: "3", bound: "2" },
    ],
  });
  parts.reset();
  expect(parts.findings()).toMatchObject({ rows: 0 });
});
