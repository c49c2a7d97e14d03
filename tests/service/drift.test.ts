import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { referenceBins } from "../../data/drift/reference-bins.ts";
import { denseTable } from "../../data/table.ts";
import { Drift, driftOf } from "../../service/watch/drift.ts";
import { driftReferenceOf, readDriftReference } from "../../service/watch/drift-reference.ts";
import { flushLog } from "../../service/watch/log.ts";
import { toSnapshot } from "../helpers/number-rows.ts";
import { floats } from "./helpers/tables.ts";

const SIGNATURE = floats(2, ["x", "y"]);
const tableOf = (features: Float32Array) => denseTable(SIGNATURE.inputs, features, features.length / 2);
const MODEL = { name: "churn-model", version: "3" };

/** Returns the bins of a snapshot with these columns, whose values are functions of the row. */
const binsOf = (columns: Readonly<Record<string, (row: number) => number>>, rows = 1000) =>
  referenceBins(
    toSnapshot({
      path: "reference.csv",
      md5: "",
      rows,
      columns: Object.keys(columns),
      features: Float64Array.from(
        Array.from({ length: rows }, (_, row) => Object.values(columns).map((of) => of(row))).flat(),
      ),
      labels: new Int32Array(rows),
    }),
  );
/** x uniform in 0 to 1, y constant. */
const UNIFORM = binsOf({ x: (row) => row / 1000, y: () => 7 });
const window = (of: (row: number) => number, rows = 1000) =>
  Float32Array.from({ length: rows * 2 }, (_, index) => (index % 2 === 0 ? of(index >> 1) : 7));

test("drift is near zero for the reference's rows, large for shifted rows, and absent for few rows", async () => {
  const bins = await readDriftReference(UNIFORM, SIGNATURE);
  expect([...(bins[0]?.binning.shares.subarray(0, -1) ?? [])].map((share) => Math.round(share * 1000))).toEqual(
    new Array(10).fill(100),
  );
  const feed = (of: (row: number) => number, rows = 1000) => {
    const drift = new Drift(bins);
    const features = window(of, rows);
    for (let row = 0; row < rows; row += 50) drift.observe(tableOf(features.subarray(row * 2, (row + 50) * 2)));
    return driftOf([drift.report()]);
  };
  expect(feed((row) => row / 1000).psi).toEqual({ x: 0, y: 0 });
  expect(feed((row) => 0.5 + row / 1000).psi.x).toBeGreaterThan(1);
  expect(feed((row) => row / 1000, 100)).toMatchObject({ rows: 100, psi: { x: null, y: null } });
});

test("drift of columns with few values, unchanged and shifted", async () => {
  // x has tenths, which float32 rounds; y is nearly always 1.
  const x = (row: number) => (row % 10) / 10;
  const y = (row: number) => (row % 20 === 0 ? 0 : 1);
  const bins = await readDriftReference(binsOf({ x, y }), SIGNATURE);
  const feed = (yes: (row: number) => number) => {
    const drift = new Drift(bins);
    for (let row = 0; row < 1000; row++) drift.observe(tableOf(Float32Array.of(x(row), yes(row))));
    return driftOf([drift.report()]).psi;
  };
  expect(feed(y)).toEqual({ x: 0, y: 0 });
  expect(feed((row) => row % 2).y).toBeGreaterThan(0.5);
});

test("the drift window slides, and bulk requests are sampled", async () => {
  const bins = await readDriftReference(UNIFORM, SIGNATURE);
  const drift = new Drift(bins);
  for (let run = 0; run < 200; run++) drift.observe(tableOf(window(() => 0.95, 64)));
  expect(drift.report().rows).toBe(5000);
  for (let run = 0; run < 100; run++) drift.observe(tableOf(window((row) => row / 64, 64)));
  const { bins: counts } = drift.report().features[0] ?? { bins: [] };
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(5000);
  expect(driftOf([drift.report()]).psi.x).toBeLessThan(0.05);
  const bulk = new Drift(bins);
  bulk.observe(tableOf(window((row) => row / 1000)));
  expect(bulk.report().rows).toBe(64);
});

test("uses the model's columns by name, in any order, or the first ones if the model has no names", async () => {
  const bins = binsOf({ other: (row) => row, y: () => 7, x: (row) => row / 10 });
  const named = await readDriftReference(bins, SIGNATURE);
  expect(named.map(({ name }) => name)).toEqual(["x", "y"]);
  expect(named[0]?.binning.edges[0]).toBeCloseTo(9.9, 5);
  const first = await readDriftReference(bins, floats(1));
  expect(first.map(({ name }) => name)).toEqual(["other"]);
});

test("reads bins of earlier releases: a bare list, string columns without edges", async () => {
  const list = '[{"name":"note"},{"name":"x","edges":[1],"shares":[0.5,0.5]},{"name":"y","edges":[7],"shares":[1,0]}]';
  const read = await readDriftReference(list, SIGNATURE);
  expect(read).toMatchObject([
    { name: "x", fieldIndex: 0, binning: { edges: Float64Array.of(1), shares: Float64Array.of(0.5, 0.5, 0) } },
    { name: "y", fieldIndex: 1, binning: { edges: Float64Array.of(7), shares: Float64Array.of(1, 0, 0) } },
  ]);
  // Without names, it would be the model's first column.
  await expect(readDriftReference(list, floats(1))).rejects.toThrow("of note have no edges");
});

test("reads a file of bins, and explains how to create one for a snapshot", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bins-"));
  try {
    await writeFile(join(folder, "bins.json"), UNIFORM);
    const [ofFile, ofText] = [
      await readDriftReference(join(folder, "bins.json"), SIGNATURE),
      await readDriftReference(UNIFORM, SIGNATURE),
    ];
    expect(ofFile.map(({ binning }) => binning.edges)).toEqual(ofText.map(({ binning }) => binning.edges));
    await writeFile(join(folder, "bins.json"), "x,y\n1,2\n");
    await expect(readDriftReference(join(folder, "bins.json"), SIGNATURE)).rejects.toThrow(
      /DRIFT_REFERENCE .*bins\.json: the bins are not JSON/,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
  for (const path of ["r.csv", "r.Parquet"])
    await expect(readDriftReference(path, SIGNATURE)).rejects.toThrow(`npm run drift-bins -- ${path} > bins.json`);
  await expect(readDriftReference("none.json", SIGNATURE)).rejects.toThrow(/none\.json cannot be read: ENOENT/);
});

test("inline bins that do not match the model disable drift, but an unreadable path fails the start", async () => {
  const other = binsOf({ f0: (row) => row, f1: (row) => row });
  await expect(readDriftReference(other, SIGNATURE)).rejects.toThrow(
    "DRIFT_REFERENCE: the bins have the columns f0, f1, label; the model takes x, y",
  );
  await expect(readDriftReference(other, floats(4))).rejects.toThrow("the model takes 4 features");
  const written: string[] = [];
  const { write } = process.stderr;
  process.stderr.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  expect(await driftReferenceOf(other, SIGNATURE, MODEL)).toBeUndefined();
  await flushLog();
  process.stderr.write = write;
  expect(JSON.parse(written.join(""))).toMatchObject({
    level: "warn",
    message: "drift is not monitored",
    model: "churn-model",
    version: "3",
    error: expect.stringContaining("the model takes x, y"),
    remedy: expect.stringContaining("set data.reference of the staging stack"),
  });
  await expect(driftReferenceOf("none.json", SIGNATURE, MODEL)).rejects.toThrow("ENOENT");
});
