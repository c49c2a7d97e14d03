import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Field } from "../../../data/field.ts";
import type { DataFormat } from "../../../data/reader/data-format.ts";
import type { LabelKind } from "../../../data/reader/label-columns.ts";
import { type LabelledBatch, type ReadOptions, readTable, streamTable } from "../../../data/reader/read-table.ts";
import { temporaryFolder, writeParquet } from "../../fixtures/training/pinned-csv.ts";

const verify = () => {};
const ROWS = 10_000;
const FIELDS: readonly Field[] = [
  { name: "f", type: "float64", nullable: true },
  { name: "i", type: "int32", nullable: false },
];

/** Returns the values of each row, however they were read. */
function cells({ table, truth, weights }: Pick<LabelledBatch<LabelKind>, "table" | "truth" | "weights">): unknown[][] {
  return Array.from({ length: table.rows }, (_, row) => [
    ...table.columns.map((column) => {
      if (column.kind === "text") return column.dictionary[column.codes[row] as number] ?? null;
      return column.missing?.[row] ? null : column.data[column.offset + row * column.stride];
    }),
    truth?.kind === "classes" ? truth.classes[truth.codes[row] as number] : truth?.data[row],
    weights?.[row],
  ]);
}

async function both<Kind extends LabelKind>(path: string, options: ReadOptions<Kind>) {
  const whole = await readTable(path, options);
  const batches: LabelledBatch<Kind>[] = [];
  const known = await streamTable(path, { ...options, batchRows: 3_000 }, (batch) => void batches.push(batch));
  return { whole, batches, known };
}

async function csv(lines: readonly string[]) {
  const path = join(await temporaryFolder(), "data.csv");
  await writeFile(path, lines.map((line) => `${line}\n`).join(""));
  return path;
}

const line = (row: number, end = "") =>
  `${row % 7 === 6 ? "" : row / 8},${row},${row > 9_000 ? `t${row % 3}` : row},note ${row % 5},${row % 3},${row % 2 ? "b" : "a"}${end}`;
const HEAD = "f,i,late,note,w,label";
const lines = (end = "") => [`${HEAD}${end}`, ...Array.from({ length: ROWS }, (_, row) => line(row, end))];

test.each<[string, LabelKind, DataFormat]>([
  ["classes from the format", "classes", { classes: ["a", "b"], positive: "b" }],
  ["classes from the file", "open-classes", {}],
  ["values", "values", { label: "w" }],
  ["an unknown label", "any", {}],
])("returns the same rows as readTable, in order: %s", async (_name, kind, more) => {
  const format = { ...more, ...(kind !== "values" && { weights: "w" }) };
  const options = { fields: FIELDS, others: "any", label: { kind }, format, verify } as const;
  const parquet = await writeParquet(
    `SELECT CASE WHEN i % 7 = 6 THEN NULL ELSE i / 8 END AS f, i, 'note ' || i % 5 AS note, i % 3 AS w,
      CASE WHEN i % 2 = 1 THEN 'b' ELSE 'a' END AS label FROM range(${ROWS}) t(i)`,
  );
  for (const path of [await csv(lines()), parquet]) {
    const { whole, batches, known } = await both(path, options);
    expect(batches.map(({ start, table }) => [start, table.rows])).toEqual([
      [0, 3_000],
      [3_000, 3_000],
      [6_000, 3_000],
      [9_000, 1_000],
    ]);
    expect(batches.map(({ table }) => table.fields)).toEqual(batches.map(() => whole.table.fields));
    expect(batches.flatMap(cells)).toEqual(cells(whole));
    expect(known).toEqual({ rows: ROWS, unfit: whole.unfit });
    if (kind === "open-classes") expect(batches.at(-1)?.truth).toMatchObject({ classes: ["a", "b"] });
  }
});

test("continues from the same row when a later part of a file needs a slower reader", async () => {
  // Numbers that DuckDB's parser rejects, after mixed line ends.
  const mixed = [...lines().slice(0, 8_001), ...Array.from({ length: 2_000 }, (_, row) => line(8_000 + row, "\r"))];
  mixed[8_500] = (mixed[8_500] as string).replace(/^[^,]*/, "1.");
  const options = { fields: FIELDS, others: "any", label: { kind: "open-classes" }, verify } as const;
  const { whole, batches } = await both(await csv(mixed), options);
  expect(whole.table.rows).toBe(ROWS);
  expect(batches.flatMap(cells)).toEqual(cells(whole));
});

test.each<[string, number, string, string]>([
  [
    "an invalid cell of the model's column",
    7_777,
    "x,1,1,n,1,a",
    'data.csv:7779: column f must be a finite number, got "x"',
  ],
  ["a missing cell", 4_000, "1,,1,n,1,a", "data.csv:4002: column i is empty: the model's signature"],
  ["a label", 9_999, "1,1,1,n,1,", "data.csv:10001: column label is empty"],
  ["a weight", 3_000, "1,1,1,n,-1,a", 'data.csv:3002: column w must be a weight of 0 or more, got "-1"'],
  ["a line", 5_000, "1,1", "data.csv:5002: 2 values, the header has 6 columns"],
])("rejects %s with the same message as readTable", async (_name, row, content, message) => {
  const all = lines();
  all[row + 1] = content;
  const path = await csv(all);
  const options = {
    fields: FIELDS,
    others: "any",
    label: { kind: "open-classes" },
    format: { weights: "w" },
    verify,
  } as const;
  const failure = await readTable(path, options).catch((error: Error) => error.message);
  expect(failure).toContain(message);
  let rows = 0;
  const stream = streamTable(path, { ...options, batchRows: 1_000 }, ({ table }) => {
    rows += table.rows;
  });
  await expect(stream).rejects.toThrow(failure as string);
  expect(rows).toBeLessThanOrEqual(row);
});

test("reports no fault of the rows of a wrong file", async () => {
  const path = await csv([HEAD, "x,x,x,x,x"]);
  const refuse = () => {
    throw new Error("another file");
  };
  const rows = () => {
    throw new Error("rows were given");
  };
  await expect(streamTable(path, { others: "any", verify: refuse }, rows)).rejects.toThrow("another file");
});

test("rethrows errors of the callback, and removes its folder", async () => {
  const path = await csv(lines());
  const stream = streamTable(path, { others: "any", label: { kind: "any" }, batchRows: 100, verify }, () => {
    throw new Error("enough");
  });
  await expect(stream).rejects.toThrow("enough");
});

test.each([
  ["no rows", [HEAD], "data.csv has a header but no rows"],
  ["no weight", [HEAD, "1,1,1,n,0,0"], "column w is 0 in every row"],
])("rejects %s", async (_name, content, message) => {
  const path = await csv(content);
  const options = { others: "any", format: { weights: "w" }, verify } as const;
  await expect(streamTable(path, options, () => {})).rejects.toThrow(message);
  await expect(readTable(path, options)).rejects.toThrow(message);
});
