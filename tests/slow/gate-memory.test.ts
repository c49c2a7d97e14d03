import { execFile } from "node:child_process";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { modelFiles } from "../../training/mlmodel.ts";
import { toOnnx } from "../../training/onnx-model.ts";
import { pointer, temporaryFolder, writeParquet } from "../fixtures/training/pinned-csv.ts";

const run = promisify(execFile);
const COLUMNS = Array.from({ length: 10 }, (_, place) => `f${place}`);

/** A model that answers 1 where f0 is more than 0. */
async function model(): Promise<string> {
  const folder = join(await temporaryFolder(), "model");
  const coefficients = Float64Array.from(COLUMNS, (_, place) => (place === 0 ? 1 : 0));
  const onnx = toOnnx({ coefficients, intercept: 0 });
  await mkdir(folder);
  for (const [path, content] of modelFiles({ onnx, columns: COLUMNS, example: [COLUMNS.map(() => 0)], runId: "run" }))
    await writeFile(join(folder, path), content);
  return folder;
}

/** Columns of hashes that do not compress, from -1 to 1; labels that are 1 where f0 is more than 0, but for each tenth row. */
async function judge(folder: string, rows: number) {
  const cell = (place: number) => `((hash(i * 10 + ${place}) >> 40)::FLOAT / 8388608 - 1)::FLOAT`;
  const columns = COLUMNS.map((name, place) => `${cell(place)} AS ${name}`);
  const path = await writeParquet(
    `SELECT ${columns.join(", ")}, ((${cell(0)} > 0) != (i % 10 = 0))::INT AS label FROM range(${rows}) t(i)`,
  );
  await writeFile(`${path}.dvc`, pointer(await readFile(path), "data.parquet"));
  const { stdout } = await run(process.execPath, ["tests/helpers/gate-peak.ts", folder, path]);
  const found = JSON.parse(stdout) as {
    readonly rows: number;
    readonly metrics: Readonly<Record<string, number>>;
    readonly isHeld: boolean;
    readonly peakMiB: number;
    readonly ms: number;
  };
  return { ...found, fileMiB: (await stat(path)).size / 2 ** 20 };
}

test("judges 5,000,000 rows of 10 columns, of which only truth and answers are kept", async () => {
  const folder = await model();
  const few = await judge(folder, 1_000_000);
  const many = await judge(folder, 5_000_000);
  console.log(
    [few, many]
      .map(({ rows, peakMiB, ms }) => `${rows} rows: peak ${Math.round(peakMiB)} MiB, ${Math.round(ms)} ms`)
      .join("; "),
  );
  expect([few.rows, many.rows, few.isHeld, many.isHeld]).toEqual([1_000_000, 5_000_000, false, false]);
  expect(many.metrics.accuracy).toBeCloseTo(0.9, 3);
  expect(many.metrics.roc_auc).toBeCloseTo(few.metrics.roc_auc as number, 2);
  // The table alone would take 153 MiB more, and the file that it is read from is as large.
  expect(many.fileMiB).toBeGreaterThan(130);
  expect(many.peakMiB).toBeLessThan(few.peakMiB + 150);
  expect(many.peakMiB).toBeLessThan(650);
});
