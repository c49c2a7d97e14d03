import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { provider } from "../../infra/targets/drift-bins-provider.ts";
import { readDriftBins } from "../../infra/targets/read-drift-bins.ts";
import { readDriftReference } from "../../service/watch/drift-reference.ts";

const CHURN = "training/data/churn/reference.csv";
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "drift-bins-"));
});
afterAll(() => rm(folder, { recursive: true }));
const file = async (name: string, text: string) => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};

test("says of a snapshot what the service reads from it", async () => {
  const { outs } = await provider.create({ path: CHURN, md5: "m" });
  const signature = { features: 10 };
  expect(await readDriftReference(outs.bins, signature)).toEqual(await readDriftReference(CHURN, signature));
  // A variable has room for hundreds of columns.
  expect(outs.bins.length / 11).toBeLessThan(400);
});

test("a machine without the data changes nothing, and another snapshot is read", async () => {
  const path = join(folder, "elsewhere.csv");
  const olds = { path, md5: "m", bins: "[]" };
  expect(await provider.diff("", olds, { path, md5: "m" })).toEqual({ changes: false });
  expect(await provider.diff("", olds, { path, md5: "other" })).toEqual({ changes: true });
});

test("data that are not here are told, and read once they are", async () => {
  const tell = vi.spyOn(console, "error").mockImplementation(() => {});
  const path = join(folder, "later.csv");
  const { outs } = await provider.create({ path, md5: "m" });
  expect(outs.bins).toBe("");
  expect(tell.mock.calls.join()).toMatch(/the service's page shows no drift: data.reference: ENOENT.*later\.csv/);
  expect(await provider.diff("", outs, { path, md5: "m" })).toEqual({ changes: false });
  await file("later.csv", `x,y\n${"1,2\n".repeat(10)}`);
  expect(await provider.diff("", outs, { path, md5: "m" })).toEqual({ changes: true });
  tell.mockRestore();
});

test("refuses what makes no bins, or more than a variable holds", async () => {
  expect(() => readDriftBins(join(folder, "none.csv"))).toThrow("ENOENT");
  const few = await file("few.csv", "x\n1\n");
  expect(() => readDriftBins(few)).toThrow("too few rows");
  const columns = Array.from({ length: 2000 }, (_, column) => `spalte-größe-${column}`);
  const rows = Array.from({ length: 10 }, (_, row) => columns.map(() => row / 7).join(","));
  const wide = await file("wide.csv", [columns.join(","), ...rows].join("\n"));
  expect(() => readDriftBins(wide)).toThrow("so many columns");
});
