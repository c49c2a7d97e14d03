import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addCounts, Counter } from "../../service/watch/counts.ts";
import { Drift, driftOf } from "../../service/watch/drift.ts";
import { driftBins, driftReferenceOf, readDriftReference } from "../../service/watch/drift-reference.ts";
import { populationStabilityIndex } from "../../service/watch/psi.ts";
import type { summarise } from "../../service/watch/summary.ts";
import { testApp } from "./helpers/test-app.ts";

/** A reference of 1,000 rows: x uniform in 0 to 1, y constant. */
async function reference(text?: string) {
  const folder = await mkdtemp(join(tmpdir(), "reference-"));
  const path = join(folder, "reference.csv");
  const rows = Array.from({ length: 1000 }, (_, index) => `${index / 1000},7,${index % 2}`);
  await writeFile(path, text ?? ["x,y,label", ...rows].join("\n"));
  try {
    return await readDriftReference(path, { features: 2, columns: ["x", "y"] });
  } finally {
    await rm(folder, { recursive: true });
  }
}
const window = (of: (row: number) => number, rows = 1000) =>
  Float32Array.from({ length: rows * 2 }, (_, index) => (index % 2 === 0 ? of(index >> 1) : 7));

test("PSI: the sum over bins, as published", () => {
  expect(populationStabilityIndex([0.5, 0.5], [0.5, 0.5])).toBe(0);
  expect(populationStabilityIndex([0.5, 0.5], [0.9, 0.1])).toBeCloseTo(0.4 * Math.log(1.8) - 0.4 * Math.log(0.2), 12);
  expect(populationStabilityIndex([1, 0], [0, 1])).toBeCloseTo(2 * 0.9999 * Math.log(1e4), 9);
});

test("drift: near zero for the reference's own rows, large for shifted ones, untold for few", async () => {
  const bins = await reference();
  expect([...(bins[0]?.shares ?? [])].map((share) => Math.round(share * 1000))).toEqual(new Array(10).fill(100));
  const feed = (of: (row: number) => number, rows = 1000) => {
    const drift = new Drift(bins);
    const features = window(of, rows);
    for (let row = 0; row < rows; row += 50) drift.observe(features.subarray(row * 2, (row + 50) * 2), 50);
    return driftOf([drift.report()]);
  };
  expect(feed((row) => row / 1000).psi.x).toBeLessThan(0.01);
  expect(feed((row) => 0.5 + row / 1000).psi.x).toBeGreaterThan(1);
  expect(feed((row) => row / 1000).psi.y).toBeLessThan(0.01);
  expect(feed((row) => row / 1000, 100)).toEqual({ rows: 100, psi: { x: null, y: null } });
});

test("drift: of columns with few values, as they come and otherwise", async () => {
  // x: tenths, which float32 rounds; y: nearly always 1.
  const x = (row: number) => (row % 10) / 10;
  const y = (row: number) => (row % 20 === 0 ? 0 : 1);
  const bins = await reference(["x,y", ...Array.from({ length: 1000 }, (_, row) => `${x(row)},${y(row)}`)].join("\n"));
  const feed = (yes: (row: number) => number) => {
    const drift = new Drift(bins);
    for (let row = 0; row < 1000; row++) drift.observe(Float32Array.of(x(row), yes(row)), 1);
    return driftOf([drift.report()]).psi;
  };
  expect(feed(y)).toEqual({ x: expect.closeTo(0, 9), y: expect.closeTo(0, 9) });
  expect(feed((row) => row % 2).y).toBeGreaterThan(0.5);
});

test("drift: the window slides, and bulk requests do not cost more than their part", async () => {
  const drift = new Drift(await reference());
  for (let run = 0; run < 200; run++)
    drift.observe(
      window(() => 0.95, 64),
      64,
    );
  expect(drift.report().rows).toBe(5000);
  for (let run = 0; run < 100; run++)
    drift.observe(
      window((row) => row / 64, 64),
      64,
    );
  const { bins } = drift.report().features[0] ?? { bins: [] };
  expect(bins.reduce((sum, count) => sum + count, 0)).toBe(5000);
  expect(driftOf([drift.report()]).psi.x).toBeLessThan(0.05);
  const bulk = new Drift(await reference());
  bulk.observe(
    window((row) => row / 1000),
    1000,
  );
  expect(bulk.report().rows).toBe(64);
});

test.for([
  ["x,label\n1,0", "has the columns x, label; the model takes x, y"],
  ["x,y\n1,2", "has 1 rows: at least 10 are needed"],
  [`x,y\n${"1,2\n".repeat(10)}1,?\n`, "line 12, column y: not a finite number"],
])("refuses a reference: %s", async ([text, message]) => {
  await expect(reference(text)).rejects.toThrow(message);
});

test("drift: bins take the place of the rows that they were made of, whatever the order of their columns", async () => {
  const csv = ["note,y,x", ...Array.from({ length: 40 }, (_, row) => `a,7,${row / 10}`)].join("\n");
  const bins = driftBins(csv) ?? "";
  expect(bins).toContain('{"name":"note"}'); // no column of numbers, but one that has its place
  expect(driftBins("x\n1")).toBeUndefined();
  const signature = { features: 2, columns: ["x", "y"] };
  const [fromBins, fromRows] = [await readDriftReference(bins, signature), await reference(csv)];
  expect(fromBins).toEqual(fromRows);
  // Without names it would be the model's first one.
  await expect(readDriftReference(bins, { features: 1 })).rejects.toThrow("not all of its values may be numbers");
  expect(await driftReferenceOf(bins, { features: 1 })).toBeUndefined();
  await expect(driftReferenceOf("none.csv", { features: 1 })).rejects.toThrow("ENOENT");
  for (const [given, message] of [
    ["[", "the bins are not JSON"],
    ["[1]", "the model takes x, y"],
    ['[{"name":"x"},{"name":"y"}]', "of x must have edges"],
  ] as const)
    await expect(readDriftReference(given, signature)).rejects.toThrow(message);
});

test("counts of several processes add up", () => {
  const counters = [new Counter(), new Counter()];
  for (const [index, counter] of counters.entries()) {
    counter.begin();
    counter.end("/predict", 200, 3);
    counter.begin();
    counter.ran(3, { labels: [0, 1, index], classes: 0 });
  }
  const sum = addCounts(counters.map((counter) => counter.counts(0)));
  expect(sum.requests).toEqual({ "/predict 200": 2 });
  expect(sum.classes).toEqual({ 0: 3, 1: 3 });
  expect(sum.inFlight).toBe(2);
  expect(sum.latency["/predict"]?.counts.indexOf(2)).toBe(3); // up to 5 ms
  expect(sum.batchRows.sum).toBe(6);
});

test("classes may be called as what every object has", () => {
  const labels = ["constructor", "__proto__", "toString", "constructor"];
  const counters = [new Counter(), new Counter()];
  for (const counter of counters) counter.ran(4, { labels, classes: 0 });
  const { classes } = addCounts(counters.map((counter) => counter.counts(0)));
  expect(Object.entries(classes)).toEqual([
    ["constructor", 4],
    ["__proto__", 2],
    ["toString", 2],
  ]);
});

test("/metrics and /watch tell what was asked, and no feature value", async () => {
  const { app, ask, predict } = await testApp({ more: { reference: undefined } });
  await predict({
    features: [
      [1, 2, 3],
      [-9, 0.5, 4711.25],
    ],
  });
  await predict({ features: [[1, 2]] });
  await ask("/invocations", { inputs: [[1, 2, 3]] });
  const response = await app.request("/metrics");
  expect(response.headers.get("content-type")).toContain("text/plain");
  const text = await response.text();
  for (const line of [
    'inference_model_info{model="churn-model",version="3",stage="Staging",sha256="',
    'inference_requests_total{route="/predict",status="200"} 1',
    'inference_requests_total{route="/predict",status="422"} 1',
    'inference_predictions_total{class="1"} ',
    'inference_request_duration_seconds_bucket{le="+Inf",route="/predict"} 2',
    'inference_request_duration_seconds_count{route="/invocations"} 1',
    'inference_batch_rows_bucket{le="2"} 2',
    "inference_requests_in_flight 0",
    "process_resident_memory_bytes ",
  ])
    expect(text).toContain(line);
  expect(text).not.toContain("4711");
  const watched = (await (await app.request("/watch")).json()) as ReturnType<typeof summarise>;
  expect(watched.requests).toEqual({ "/predict 200": 1, "/predict 422": 1, "/invocations 200": 1 });
  expect(watched.latency.counts.reduce((sum, count) => sum + count, 0)).toBe(3);
});
