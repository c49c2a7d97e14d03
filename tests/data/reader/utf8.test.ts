import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { FieldType } from "../../../data/field.ts";
import { readTable } from "../../../data/reader/read-table.ts";
import { lineNotUtf8 } from "../../../data/reader/utf8.ts";
import { temporaryFolder } from "../../fixtures/training/pinned-csv.ts";

async function file(bytes: Buffer): Promise<string> {
  const path = join(await temporaryFolder(), "data.csv");
  await writeFile(path, bytes);
  return path;
}

const latin1 = (text: string) => file(Buffer.from(text, "latin1"));

test.each<[string, FieldType, string, number]>([
  ["a text", "string", "x,label\na,0\nb\xe9,1\n", 3],
  ["a number", "float64", "x,label\r\n1,0\r\n2\xe9,1\r\n", 3],
  ["a time", "datetime", "x,label\n2026-01-01,0\n\n\xe9,1\n", 4],
  ["a column that the model does not take", "float64", "x,z,label\n1,a,0\n2,\xe9,1\n", 3],
  ["a comment", "float64", "x,label\n1,0\n# \xe9\n", 3],
  ["the end", "string", "x,label\na,0\nb,1\xc3", 3],
  ["a late line", "float64", `x,z,label\n${"1,a,0\n".repeat(400_000)}1,\xe9,1\n1,a,0\n`, 400_002],
])("names the line that is not UTF-8: %s", async (_, type, text, line) => {
  const path = await latin1(text);
  for (const others of ["any", "none"] as const)
    await expect(
      readTable(path, {
        fields: [{ name: "x", type, nullable: true }],
        others,
        label: { kind: "open-classes" },
        format: { csv: { comment: "#" } },
        verify: () => {},
      }),
    ).rejects.toThrow(
      `data.csv:${line}: the line is not UTF-8: set data.csv.encoding to the file's encoding, such as latin-1`,
    );
});

test("accepts multi-byte characters at any chunk boundary", async () => {
  for (const shift of [0, 1, 2, 3]) {
    const text = `${"a".repeat(shift)}${"é€𝒳\n".repeat(120_000)}`;
    expect(await lineNotUtf8(await file(Buffer.from(text)))).toBeUndefined();
    expect(await lineNotUtf8(await file(Buffer.concat([Buffer.from(text), Buffer.of(0xf0, 0x9d)])))).toBe(120_001);
  }
});
