import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { FieldType } from "../../data/field.ts";
import { provider } from "../../infra/targets/drift-bins-provider.ts";
import { sha256 } from "../../registry/artifact-digest.ts";
import type { Signature } from "../../service/predictor/signature.ts";
import { readDriftReference } from "../../service/watch/drift-reference.ts";
import { flushLog } from "../../service/watch/log.ts";
import { readDvcPointer } from "../../training/dvc-pointer.ts";
import { readReferenceBins } from "../../training/gate/reference-bins.ts";
import { pinnedCsv, pointer, temporaryFolder } from "../fixtures/training/pinned-csv.ts";
import { floats } from "../service/helpers/tables.ts";

const CHURN = "models/churn/data/reference.csv";
const PARQUET = "tests/fixtures/training/parquet/reference.parquet";
const md5Of = async (path: string) => (await readDvcPointer(`${path}.dvc`)).md5;
const ROWS = `x,y,label\n${"1,2,0\n".repeat(10)}`;

/** SHA-256 of the bins that an earlier release computed from this snapshot. */
const EARLIER = "7c1006b77ed1e564e12eaba544066ad78127093b08ee25b673ad5387c2cfd3cf";

test("a snapshot's bins equal those of earlier releases, so an upgrade restarts no container", async () => {
  const { outs } = await provider.create({ path: CHURN, md5: await md5Of(CHURN) });
  const columns: { name: string }[] = JSON.parse(outs.bins);
  expect(columns.map(({ name }) => name)).toEqual([...Array.from({ length: 10 }, (_, index) => `f${index}`), "label"]);
  expect(sha256(outs.bins)).toBe(EARLIER);
  expect(await readDriftReference(outs.bins, floats(10))).toHaveLength(10);
  // An environment variable can hold hundreds of columns.
  expect(outs.bins.length / 11).toBeLessThan(400);
});

test("the same rows as Parquet and CSV give the same bins", async () => {
  const lines = (await readFile(CHURN, "utf8")).split("\n").slice(0, 121);
  const csv = await pinnedCsv(`${lines.join("\n")}\n`);
  const parquet = join(await temporaryFolder(), "reference.parquet");
  await copyFile(PARQUET, parquet);
  await writeFile(`${parquet}.dvc`, pointer(await readFile(parquet), "reference.parquet"));
  const [ofCsv, ofParquet] = await Promise.all(
    [csv, parquet].map(async (path) => (await provider.create({ path, md5: await md5Of(path) })).outs.bins),
  );
  expect(JSON.parse(ofParquet ?? "")).toHaveLength(11);
  expect(ofParquet).toBe(ofCsv);
});

test("reads a snapshot in the stack's format, and again when the format changes", async () => {
  const path = await pinnedCsv(ROWS.replaceAll(",", ";").replace("label", "churned"));
  const md5 = await md5Of(path);
  const format = { label: "churned" };
  const { outs } = await provider.create({ path, md5, format });
  expect(JSON.parse(outs.bins)).toMatchObject([{ name: "x" }, { name: "y" }, { name: "label" }]);
  expect(await provider.diff("", outs, { path, md5, format })).toEqual({ changes: false });
  expect(await provider.diff("", outs, { path, md5 })).toEqual({ changes: true });
});

test("a machine without the data changes nothing; another snapshot is read", async () => {
  const path = join(await temporaryFolder(), "elsewhere.csv");
  const olds = { path, md5: "m", bins: "[]" };
  expect(await provider.diff("", olds, { path, md5: "m" })).toEqual({ changes: false });
  expect(await provider.diff("", olds, { path, md5: "other" })).toEqual({ changes: true });
});

test("warns about missing data, and reads it once it exists", async () => {
  const say = vi.spyOn(console, "error").mockImplementation(() => {});
  const folder = await temporaryFolder();
  const path = join(folder, "later.csv");
  const { outs } = await provider.create({ path, md5: "m" });
  expect(outs.bins).toBe("");
  expect(say.mock.calls.join()).toMatch(/the service's page shows no drift: data.reference: .*later\.csv is missing/);
  expect(await provider.diff("", outs, { path, md5: "m" })).toEqual({ changes: false });
  await writeFile(path, ROWS);
  await writeFile(`${path}.dvc`, pointer(ROWS, "later.csv"));
  const md5 = await md5Of(path);
  expect(await provider.diff("", { ...outs, md5 }, { path, md5 })).toEqual({ changes: true });
  say.mockRestore();
});

test("computes no bins from data that does not match its pointer", async () => {
  const say = vi.spyOn(console, "error").mockImplementation(() => {});
  const path = await pinnedCsv(ROWS);
  const md5 = await md5Of(path);
  await writeFile(path, `${ROWS}1,2,1\n`);
  expect((await provider.create({ path, md5 })).outs.bins).toBe("");
  expect(say.mock.calls.join()).toContain("is not the data that");
  say.mockRestore();
});

const typed = (...columns: readonly (readonly [string, FieldType])[]): Signature => ({
  inputs: columns.map(([name, type]) => ({ name, type, nullable: false })),
  isNamed: true,
});

test("reads columns with the model's types: ids that look like numbers, dates, booleans", async () => {
  const rows = Array.from({ length: 40 }, (_, row) => {
    const day = String(1 + (row % 20)).padStart(2, "0");
    return `00${row % 4},2026-01-${day},${row % 2 ? "True" : "False"},${row % 8 ? row : ""},${row % 2}`;
  });
  const path = await pinnedCsv(`id,since,member,age,label\n${rows.join("\n")}\n`);
  const signature = typed(["id", "string"], ["since", "datetime"], ["member", "boolean"], ["age", "int64"]);
  const log = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  const bins = JSON.stringify(JSON.parse(await readReferenceBins(path, { signature })).columns);
  const reference = await readDriftReference(bins, signature);
  expect(reference.map(({ name, binning }) => [name, binning.categories])).toEqual([
    ["id", ["000", "001", "002", "003"]],
    ["since", []],
    ["member", expect.arrayContaining([true, false])],
    ["age", []],
  ]);
  expect(reference.map(({ binning }) => binning.shares[binning.missing])).toEqual([0, 0, 0, 0.125]);
  expect(reference[1]?.binning.edges[0]).toBe(Date.UTC(2026, 0, 2) * 1000);
  await flushLog();
  expect(log.mock.calls.join()).not.toContain("not monitored");
  log.mockRestore();
});

test("a column of the wrong type does not affect the other columns' bins", async () => {
  const path = await pinnedCsv(`x,y,label\n${"1,many,0\n".repeat(10)}`);
  const signature = typed(["x", "float32"], ["y", "float32"]);
  const { columns } = JSON.parse(await readReferenceBins(path, { signature }));
  expect(columns).toMatchObject([{ name: "x", edges: [expect.any(Number), 1] }, { categories: ["many"] }, {}]);
});

test("a gate that has not run yet changes nothing in a preview", async () => {
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  const olds = { path: "r.csv", md5: "m", bins: "[]" };
  const pending = { ofGate: unknown, path: unknown, md5: unknown };
  expect(await provider.diff("", olds, pending)).toEqual({ changes: false });
  expect(await provider.diff("", { ...olds, bins: "" }, pending)).toEqual({ changes: false });
  expect(await provider.diff("", olds, { ...pending, format: { label: "y" } })).toEqual({ changes: true });
  expect(await provider.diff("", olds, { ofGate: "[]" })).toEqual({ changes: true });
});
