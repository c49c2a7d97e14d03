import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { provider } from "../../infra/targets/drift-bins-provider.ts";
import { sha256 } from "../../registry/artifact-digest.ts";
import { readDriftReference } from "../../service/watch/drift-reference.ts";
import { readDvcPointer } from "../../training/dvc-pointer.ts";
import { pinnedCsv, pointer, temporaryFolder } from "../fixtures/training/pinned-csv.ts";
import { floats } from "../service/helpers/tables.ts";

const CHURN = "training/data/churn/reference.csv";
const PARQUET = "tests/fixtures/training/parquet/reference.parquet";
const md5Of = async (path: string) => (await readDvcPointer(`${path}.dvc`)).md5;
const ROWS = `x,y,label\n${"1,2,0\n".repeat(10)}`;

/** SHA-256 of what the service's own CSV reader made of this snapshot. */
const EARLIER = "7c1006b77ed1e564e12eaba544066ad78127093b08ee25b673ad5387c2cfd3cf";

test("a snapshot's bins, as the state of earlier releases has them: an upgrade restarts no container", async () => {
  const { outs } = await provider.create({ path: CHURN, md5: await md5Of(CHURN) });
  const columns: { name: string }[] = JSON.parse(outs.bins);
  expect(columns.map(({ name }) => name)).toEqual([...Array.from({ length: 10 }, (_, index) => `f${index}`), "label"]);
  expect(sha256(outs.bins)).toBe(EARLIER);
  expect(await readDriftReference(outs.bins, floats(10))).toHaveLength(10);
  // A variable has room for hundreds of columns.
  expect(outs.bins.length / 11).toBeLessThan(400);
});

test("Parquet as well as CSV: the same rows make the same bins", async () => {
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

test("a snapshot's bins as the stack says that it is written, and new ones when it says otherwise", async () => {
  const path = await pinnedCsv(ROWS.replaceAll(",", ";").replace("label", "churned"));
  const md5 = await md5Of(path);
  const format = { label: "churned" };
  const { outs } = await provider.create({ path, md5, format });
  expect(JSON.parse(outs.bins)).toMatchObject([{ name: "x" }, { name: "y" }, { name: "label" }]);
  expect(await provider.diff("", outs, { path, md5, format })).toEqual({ changes: false });
  expect(await provider.diff("", outs, { path, md5 })).toEqual({ changes: true });
});

test("a machine without the data changes nothing, and another snapshot is read", async () => {
  const path = join(await temporaryFolder(), "elsewhere.csv");
  const olds = { path, md5: "m", bins: "[]" };
  expect(await provider.diff("", olds, { path, md5: "m" })).toEqual({ changes: false });
  expect(await provider.diff("", olds, { path, md5: "other" })).toEqual({ changes: true });
});

test("data that are not here are told, and read once they are", async () => {
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

test("data that are not those of the pointer make no bins", async () => {
  const say = vi.spyOn(console, "error").mockImplementation(() => {});
  const path = await pinnedCsv(ROWS);
  const md5 = await md5Of(path);
  await writeFile(path, `${ROWS}1,2,1\n`);
  expect((await provider.create({ path, md5 })).outs.bins).toBe("");
  expect(say.mock.calls.join()).toContain("is not the data that");
  say.mockRestore();
});
