import { execFile } from "node:child_process";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { type LabelledBatch, streamTable } from "../../data/reader/read-table.ts";
import { temporaryFolder, writeParquet } from "../fixtures/training/pinned-csv.ts";

const run = promisify(execFile);
const MIB = 2 ** 20;

interface Streamed {
  readonly rows: number;
  readonly sum: number;
  readonly batches: number;
  readonly peakMiB: number;
}

/** Ten columns that add up to 0.5 a row, with hashes in them that do not compress, and labels of 0 and 1. */
async function stream(rows: number): Promise<Streamed & { readonly fileMiB: number }> {
  const pairs = Array.from({ length: 5 }, (_, pair) => {
    const whole = `(hash(i * 5 + ${pair}) >> 16)::DOUBLE`;
    return `${whole} AS a${pair}, ${pair === 0 ? "0.5" : "0"} - ${whole} AS b${pair}`;
  });
  const path = await writeParquet(`SELECT ${pairs.join(", ")}, i % 2 AS label FROM range(${rows}) t(i)`);
  const { stdout } = await run(process.execPath, ["tests/helpers/stream-peak.ts", path]);
  return { ...(JSON.parse(stdout) as Streamed), fileMiB: (await stat(path)).size / MIB };
}

test("streams 5,000,000 rows of 10 columns in memory that does not grow with the rows", async () => {
  const few = await stream(1_000_000);
  const many = await stream(5_000_000);
  console.log(
    `peak: ${Math.round(few.peakMiB)} MiB of 1,000,000 rows, ${Math.round(many.peakMiB)} MiB of 5,000,000 (${Math.round(many.fileMiB)} MiB)`,
  );
  // Half a row of the columns, and half of the labels are 1.
  expect([few.rows, few.sum]).toEqual([1_000_000, 1_000_000]);
  expect([many.rows, many.sum, many.batches]).toEqual([5_000_000, 5_000_000, 77]);
  expect(many.fileMiB).toBeGreaterThan(300);
  // Rows that were kept would take 305 MiB more.
  expect(many.peakMiB).toBeLessThan(few.peakMiB + 250);
  expect(many.peakMiB).toBeLessThan(600);
});

test("goes on where it was when the end of a large CSV file needs another way of reading, and refuses what is wrong there", async () => {
  const folder = await temporaryFolder();
  const rows = 500_000;
  // More than the database reads ahead. The last whole number is written as only the slower way takes it, the one before as none does.
  const write = async (name: string, cells: readonly [string, string]) => {
    const lines = Array.from({ length: rows }, (_, row) => `${row},${`${row}.5,`.repeat(20)}${row % 2}\n`);
    for (const [index, cell] of cells.entries()) lines[rows - 2 + index] = `${cell},${"0.5,".repeat(20)}0\n`;
    const path = join(folder, name);
    await writeFile(
      path,
      `a,${Array.from({ length: 20 }, (_, index) => `b${index},`).join("")}label\n${lines.join("")}`,
    );
    return path;
  };
  const options = { others: "numbers", verify: () => {} } as const;
  const seen: number[] = [];
  const take = ({ table: { columns, rows } }: Pick<LabelledBatch, "table">) => {
    const [a] = columns;
    if (a?.kind !== "number") throw new Error("a column of numbers was expected");
    for (let row = 0; row < rows; row++) seen.push(a.data[a.offset + row * a.stride] as number);
  };
  await streamTable(await write("good.csv", ["7.", "+8e0"]), options, take);
  expect(seen.length).toBe(rows);
  expect(seen.findIndex((value, row) => value !== row && row < rows - 2)).toBe(-1);
  expect(seen.slice(-2)).toEqual([7, 8]);
  seen.length = 0;
  const bad = streamTable(await write("bad.csv", ["x", "8"]), options, take);
  await expect(bad).rejects.toThrow(`bad.csv:${rows}: column a must be a finite number, got "x"`);
  expect(seen.length).toBeGreaterThan(100_000);
  expect(seen.findIndex((value, row) => value !== row)).toBe(-1);
});
