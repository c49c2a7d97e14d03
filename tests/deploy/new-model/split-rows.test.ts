import { expect, test } from "vitest";
import type { TextTable } from "../../../data/reader/read-table.ts";
import { describeData } from "../../../deploy/new-model/described-data.ts";
import { splitRows } from "../../../deploy/new-model/split-rows.ts";

/** x has equal values in pairs of rows, at float32's precision; g has one gap; every tenth row is of the rare class. */
const ROWS = 200;
const row = (at: number) => [
  `${1.5 + (at >> 1)}${at % 2 ? "0000000001" : ""}`,
  at === 20 ? null : "g",
  at % 20 < 2 ? "rare" : "often",
];
const tableOf = (order: readonly number[]): TextTable => ({
  names: ["x", "g", "y"],
  columns: [0, 1, 2].map((column) => order.map((at) => row(at)[column] ?? null)),
  rows: order.length,
});
const order = Array.from({ length: ROWS }, (_, at) => at);
const split = (of: readonly number[]) => {
  const { train, evaluation } = splitRows(tableOf(of), describeData(tableOf(of), "d.csv", "y"));
  return { train: train.map((at) => of[at] ?? -1), evaluation: evaluation.map((at) => of[at] ?? -1) };
};
const sorted = (rows: readonly number[]) => rows.toSorted((a, b) => a - b);

test("each row is in one part, independent of the order of rows", () => {
  const { train, evaluation } = split(order);
  expect(sorted([...train, ...evaluation])).toEqual(order);
  const reversed = split(order.toReversed());
  expect(sorted(reversed.evaluation)).toEqual(evaluation);
});

test("a quarter of each class is for evaluation", () => {
  // Without the gap, all groups are pairs: 5 of 20 rows and 45 of 180 take 3 and 23 pairs.
  const table = tableOf(order);
  const columns = [table.columns[0] ?? [], order.map(() => "g"), table.columns[2] ?? []];
  const { evaluation } = splitRows({ ...table, columns }, describeData({ ...table, columns }, "d.csv", "y"));
  const rare = evaluation.filter((at) => at % 20 < 2).length;
  expect([rare, evaluation.length - rare]).toEqual([6, 46]);
});

test("rows whose features are equal as float32 stay together", () => {
  const { evaluation } = split(order);
  const judged = new Set(evaluation);
  // Row 20 has a gap where row 21 has a text.
  for (const at of evaluation) if (at >> 1 !== 10) expect(judged.has(at ^ 1), `row ${at}`).toBe(true);
});

test("a column's only gap is in the training rows, whichever row has it", () => {
  for (let at = 0; at < 60; at++) {
    const table = tableOf(order);
    const columns = [table.columns[0] ?? [], order.map((one) => (one === at ? null : "g")), table.columns[2] ?? []];
    const { train } = splitRows({ ...table, columns }, describeData({ ...table, columns }, "d.csv", "y"));
    expect(train).toContain(at);
  }
});

test("rejects a class whose rows are all equal", () => {
  const table = tableOf(order);
  const columns = [
    order.map((at) => String(at / 2)),
    table.columns[1] ?? [],
    order.map((at) => (at === 7 ? "one" : "other")),
  ];
  const data = { ...table, columns };
  expect(() => splitRows(data, describeData(data, "d.csv", "y"))).toThrow(
    'y "one" has too few distinct rows (1): training and evaluation need one each',
  );
});

test("rows that differ only in booleans are distinct, whatever their case", () => {
  const booleans = [1, 2, 4, 8].map((bit) => (at: number) => (at & bit ? "true" : at < 80 ? "false" : "FALSE"));
  const cells = [...booleans, (at: number) => (at & 16 ? "yes" : "no"), (at: number) => (at & 16 ? "p" : "q")];
  const columns = cells.map((cell) => Array.from({ length: 160 }, (_, at) => cell(at)));
  const table: TextTable = { names: ["a", "b", "c", "d", "y", "plan"], columns, rows: 160 };
  const { train, evaluation } = splitRows(table, describeData(table, "d.csv", "y"));
  const rowOf = (at: number) => at % 32;
  expect(train.length + evaluation.length).toBe(160);
  expect(new Set(evaluation.map(rowOf)).size).toBe(8);
  expect(train.some((at) => evaluation.some((other) => rowOf(at) === rowOf(other)))).toBe(false);
});
