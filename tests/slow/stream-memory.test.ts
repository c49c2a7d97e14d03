import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { writeParquet } from "../fixtures/training/parquet-file.ts";

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
  expect(many.peakMiB).toBeLessThan(few.peakMiB + 150);
  expect(many.peakMiB).toBeLessThan(600);
});
