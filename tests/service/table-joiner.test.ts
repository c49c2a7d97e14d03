import { expect, test } from "vitest";
import type { Field } from "../../data/field.ts";
import { denseData, type Table } from "../../data/table.ts";
import { TableBuilder } from "../../service/inference/table-builder.ts";
import { TableJoiner } from "../../service/inference/table-joiner.ts";
import { floats } from "./helpers/tables.ts";

/** Builds a table from rows of values, as for requests. */
function tableOf(fields: readonly Field[], rows: readonly (readonly unknown[])[]): Table {
  const builder = new TableBuilder(fields, rows.length);
  for (const [row, values] of rows.entries())
    for (const [place, value] of values.entries()) expect(builder.put(place, row, value)).toBeUndefined();
  return builder.table();
}

const MIXED: Field[] = [
  { name: "city", type: "string", nullable: true },
  { name: "id", type: "int64", nullable: false },
  { name: "member", type: "boolean", nullable: true },
  { name: "image", type: "uint8", shape: [2, 2], nullable: false },
];

test("joins strings, whole numbers, missing values and dimensions, row by row", () => {
  const one = tableOf(MIXED, [
    ["Ulm", 1, true, [[1, 2], [3, 4]]], // biome-ignore format: a picture
    [null, "9007199254740993", null, [[5, 6], [7, 8]]], // biome-ignore format: a picture
  ]);
  const two = tableOf(MIXED, [["Bern", -3, false, [[9, 10], [11, 12]]]]); // biome-ignore format: a picture
  const { rows, columns } = new TableJoiner().join([one, two]);
  const [city, id, member, image] = columns;
  if (city?.kind !== "text" || id?.kind !== "number" || member?.kind !== "number" || image?.kind !== "number")
    throw new Error("other kinds of columns");
  expect(rows).toBe(3);
  expect([...city.codes].map((code) => city.dictionary[code] ?? null)).toEqual(["Ulm", null, "Bern"]);
  expect(id.data).toEqual(BigInt64Array.of(1n, 9007199254740993n, -3n));
  expect([...(member.missing ?? [])]).toEqual([0, 1, 0]);
  expect([...member.data]).toEqual([1, 0, 0]);
  expect([...image.data]).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
});

test("joins dense tables in reused memory", () => {
  const { inputs } = floats(2);
  const [one, two] = [tableOf(inputs, [[1, 2]]), tableOf(inputs, [[3, 4], [5, 6]])]; // biome-ignore format: rows
  const joiner = new TableJoiner();
  const first = joiner.join([one, two]);
  expect(denseData(first)).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
  const second = joiner.join([two, one]);
  expect(denseData(second)).toEqual(Float32Array.of(3, 4, 5, 6, 1, 2));
  expect(denseData(second)?.buffer).toBe(denseData(first)?.buffer);
  expect(joiner.join([one])).toBe(one);
});

test("dates are microseconds since 1970", () => {
  const field: Field = { name: "since", type: "datetime", nullable: false };
  const read = (text: string) => {
    const builder = new TableBuilder([field], 1);
    const fault = builder.put(0, 0, text);
    const [column] = builder.table().columns;
    return fault?.what ?? (column?.kind === "number" ? column.data[0] : undefined);
  };
  expect(read("1970-01-02")).toBe(86_400_000_000n);
  expect(read("2026-01-31T12:00:00.000001Z")).toBe(1_769_860_800_000_001n);
  expect(read("2026-01-31 13:00:00+01:00")).toBe(1_769_860_800_000_000n);
  for (const text of ["31.1.2026", ""]) expect(read(text)).toContain("must be a date and time");
  expect(read("2026-13-01")).toContain("must be a valid date");
});
