import { expect, test } from "vitest";
import type { Field } from "../../data/field.ts";
import { denseData, denseTable, pickColumns, sliceRows, type Table } from "../../data/table.ts";

const field = (name: string): Field => ({ name, type: "float32", nullable: false });
const NUMBERS = Float32Array.of(1, 2, 3, 4, 5, 6);
const dense = denseTable([field("a"), field("b")], NUMBERS, 3);
const TEXTS: Table = {
  fields: [{ name: "species", type: "string", nullable: true }],
  columns: [{ kind: "text", codes: Int32Array.of(1, -1, 0), dictionary: ["Adelie", "Gentoo"] }],
  rows: 3,
};

test("a dense table returns the array that it was created from", () => {
  expect(denseData(dense)).toBe(NUMBERS);
  expect(() => denseTable([field("a")], NUMBERS, 3)).toThrow("6 values are not 3 rows of 1 columns");
});

test("reordered columns, separate arrays and missing values are not dense", () => {
  expect(denseData(pickColumns(dense, ["b", "a"]))).toBeUndefined();
  expect(denseData(pickColumns(dense, ["a"]))).toBeUndefined();
  expect(denseData(TEXTS)).toBeUndefined();
  const [first, second] = dense.columns;
  if (first?.kind !== "number" || !second) throw new Error("columns of numbers were expected");
  const masked = { ...dense, columns: [{ ...first, missing: Uint8Array.of(0, 1, 0) }, second] };
  expect(denseData(masked)).toBeUndefined();
});

test("a slice views the same memory", () => {
  const [column] = sliceRows(pickColumns(dense, ["b"]), 1, 2).columns;
  expect(column).toEqual({ kind: "number", data: NUMBERS.subarray(2), offset: 1, stride: 2 });
  if (column?.kind !== "number") throw new Error("a column of numbers was expected");
  expect(column.data.buffer).toBe(NUMBERS.buffer);
  expect(denseData(sliceRows(pickColumns(dense, ["a", "b"]), 1, 2))).toEqual(NUMBERS.subarray(2));
  expect(sliceRows(TEXTS, 1, 2).columns[0]).toMatchObject({ codes: Int32Array.of(-1, 0) });
});

test("picking an absent column lists the existing ones", () => {
  expect(() => pickColumns(dense, ["c"])).toThrow("there is no column c: a, b");
});
