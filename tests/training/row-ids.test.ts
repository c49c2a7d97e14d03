import { writeFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";
import { parseFormat } from "../../data/reader/data-format.ts";
import { BATCH_ROWS } from "../../data/reader/read-table.ts";
import { nameWorstRows } from "../../training/gate/name-worst-rows.ts";
import type { WorstRows } from "../../training/gate/worst-rows.ts";
import { readRowIds } from "../../training/row-ids.ts";
import { loadSnapshot, requirePinned } from "../../training/snapshot.ts";
import { pinnedCsv } from "../fixtures/training/pinned-csv.ts";

const CSV = "a,customer,w,label\n1,007,1,0\n2,1.50,1,1\n3,,1,0\n4,Zoë,1,1\n";
const FORMAT = { id: "customer", weights: "w" };

const ids = async (path: string, rows: readonly number[], format = FORMAT, column = "customer") => {
  const { md5 } = await requirePinned(path, undefined);
  return Object.fromEntries(await readRowIds(path, { md5, format, column }, rows));
};

test("returns the ids of the requested rows only, as the texts of their cells; a row without a value has none", async () => {
  const path = await pinnedCsv(CSV);
  expect(await ids(path, [3, 0, 2])).toEqual({ 0: "007", 3: "Zoë" });
  expect(await ids(path, [1])).toEqual({ 1: "1.50" });
  const ignored = { ...FORMAT, ignore: ["customer"] };
  expect(await ids(path, [1], ignored)).toEqual({ 1: "1.50" });
});

test("finds ids after the first batch of a file", async () => {
  const rows = BATCH_ROWS + 10;
  const path = await pinnedCsv(
    `customer,a,label\n${Array.from({ length: rows }, (_, row) => `c${row},1,0\n`).join("")}`,
  );
  const requested = [3, BATCH_ROWS - 1, BATCH_ROWS, rows - 1];
  expect(await ids(path, requested, { id: "customer", weights: undefined as never })).toEqual(
    Object.fromEntries(requested.map((row) => [row, `c${row}`])),
  );
});

test("the id is not a feature, and a snapshot without the column can be read", async () => {
  const read = (content: string) => pinnedCsv(content).then((path) => loadSnapshot(path, { format: FORMAT }));
  const { table } = await read("a,customer,w,label\n1,C1,1,0\n");
  expect(table.fields.map(({ name }) => name)).toEqual(["a"]);
  expect((await read("a,w,label\n1,1,0\n")).rows).toBe(1);
});

test("data.id must not be the label", () => {
  expect(parseFormat('{"id": "customer"}', "data")).toEqual({ id: "customer" });
  expect(() => parseFormat('{"label": "y", "id": "y"}', "data")).toThrow("data.id must differ from label");
});

const WORST: WorstRows = {
  by: "probability",
  wrong: 2,
  rows: [
    { row: 4, truth: 1, answer: 0, probability: 0.1 },
    { row: 3, truth: 0, answer: 1, probability: 0.2 },
  ],
};

test("identifies the worst rows by ids, truncated and without control characters", async () => {
  const path = await pinnedCsv(CSV.replace("Zoë", `\u001b${"x".repeat(200)}`));
  const { md5 } = await requirePinned(path, undefined);
  const named = await nameWorstRows(WORST, { path, md5, format: FORMAT });
  expect(named).toMatchObject({ idColumn: "customer", rows: [{ row: 4 }, { row: 3 }] });
  expect(named.rows[0]?.id).toBe(`\\u001b${"x".repeat(94)}…`);
  expect(named.rows[1]).not.toHaveProperty("id");
});

test("does not read the file without data.id", async () => {
  expect(await nameWorstRows(WORST, { path: "none.csv", md5: "m", format: { label: "y" } })).toEqual(WORST);
});

test("unreadable ids do not affect the verdict: report and stderr explain why", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  try {
    const path = await pinnedCsv(CSV);
    const { md5 } = await requirePinned(path, undefined);
    const missing = await nameWorstRows(WORST, { path, md5, format: { id: "client" } });
    expect(missing).toEqual({ ...WORST, idColumn: "client", withoutIds: expect.stringContaining("no column client") });
    await writeFile(path, CSV.replace("007", "008"));
    const edited = await nameWorstRows(WORST, { path, md5, format: FORMAT });
    expect(edited.withoutIds).toContain("is not the data that");
    expect(logged.mock.calls.map(([line]) => String(line).slice(0, 54))).toEqual([
      "the report identifies the worst rows by number: data.i",
      "the report identifies the worst rows by number: data.i",
    ]);
  } finally {
    logged.mockRestore();
  }
});
