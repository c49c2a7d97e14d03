import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Field } from "../../../data/field.ts";
import { readTable, streamTable } from "../../../data/reader/read-table.ts";
import { temporaryFolder, writeParquet } from "../../fixtures/training/pinned-csv.ts";

const x: Field = { name: "x", type: "string", nullable: true };

const reading = (path: string, field: Field = x) =>
  readTable(path, { fields: [field], others: "none", label: { kind: "open-classes" }, verify: () => {} });

async function csv(content: string): Promise<string> {
  const path = join(await temporaryFolder(), "data.csv");
  await writeFile(path, content);
  return path;
}

const REASON = 'must be a string without a NUL character, got "a\\u0000b": models truncate a string there';

test("rejects a string with NUL in CSV", async () => {
  const path = await csv("x,label\na,0\na\0b,1\n");
  await expect(reading(path)).rejects.toThrow(`data.csv:3: column x ${REASON}`);
  const stream = streamTable(
    path,
    { fields: [x], others: "none", label: { kind: "open-classes" }, verify: () => {}, batchRows: 1 },
    () => {},
  );
  await expect(stream).rejects.toThrow(`data.csv:3: column x ${REASON}`);
});

test("rejects a string with NUL in Parquet, in a list and in a label", async () => {
  const text = "'a' || chr(0) || 'b'";
  await expect(reading(await writeParquet(`SELECT ${text} AS x, 0 AS label`))).rejects.toThrow(
    `row 1: column x ${REASON}`,
  );
  const list = await writeParquet(`SELECT ['c', ${text}] AS x, 0 AS label`);
  await expect(reading(list, { ...x, shape: [2] })).rejects.toThrow(`row 1: column x[1] ${REASON}`);
  const cell = await csv('x,label\n"[""a\\u0000b"", ""c""]",1\n');
  await expect(reading(cell, { ...x, shape: [2] })).rejects.toThrow(`data.csv:2: column x[0] ${REASON}`);
  await expect(reading(await csv("x,label\na,0\na,a\0b\n"))).rejects.toThrow(`data.csv:3: column label ${REASON}`);
});
