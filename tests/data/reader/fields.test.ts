import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DataFormat } from "../../../data/reader/data-format.ts";
import { type ReadOptions, readTable } from "../../../data/reader/read-table.ts";
import { temporaryFolder } from "../../fixtures/training/pinned-csv.ts";

async function read(content: string, fields: ReadOptions["fields"], format?: DataFormat) {
  const path = join(await temporaryFolder(), "data.csv");
  await writeFile(path, content);
  return readTable(path, { fields, others: "any", format, verify: () => {} });
}

test("fields can be derived from the features' names, in the file's order", async () => {
  const seen: string[][] = [];
  const format = { ignore: ["id"], weights: "w" };
  const { table } = await read(
    "id,b,label,a,w,c\nC1,1,0,2,1,x\n",
    (names) => {
      seen.push([...names]);
      return names.slice(0, 2).map((name) => ({ name, type: "float32", nullable: false }));
    },
    format,
  );
  expect(seen).toEqual([["b", "a", "c"]]);
  expect(table.fields.map(({ name, type }) => `${name} ${type}`)).toEqual(["b float32", "a float32", "c string"]);
  expect(table.columns[0]).toMatchObject({ data: Float32Array.of(1, 2), offset: 0, stride: 2 });
});

test.each<[string, DataFormat, string]>([
  ["z", {}, "data.csv:1: there is no column z: it has a, b"],
  ["label", {}, "data.csv:1: the model requires the column label, but data.label excludes it"],
  ["b", { ignore: ["b"] }, "data.csv:1: the model requires the column b, but data.ignore excludes it"],
])("rejects a field %s that the table will not have", async (name, format, message) => {
  const field = { name, type: "float32", nullable: false } as const;
  for (const fields of [[field], () => [field]])
    await expect(read("a,b,label\n1,2,0\n", fields, format)).rejects.toThrow(message);
});
