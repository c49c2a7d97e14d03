/** examples/contract.py, the reader of the examples' trainers and of those that `npm run new` writes: it reads what the gate's reader reads. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import type { DataFormat } from "../../data/reader/data-format.ts";
import { readSnapshotData } from "../../training/snapshot.ts";
import { pinnedCsv } from "../fixtures/training/pinned-csv.ts";
import { testPython } from "../helpers/python.ts";

let python: string;
beforeAll(async () => {
  python = await testPython();
});

const READ = `import json
from examples.contract import read_snapshots
NUMBERS, TEXTS = json.loads(__import__("os").environ["COLUMNS"])
one, _ = read_snapshots(numbers=NUMBERS, texts=TEXTS)
weights = None if one.weights is None else one.weights.tolist()
print(json.dumps([one.features.to_dict("list"), one.truth.tolist(), weights]))`;

async function readInPython(path: string, format: DataFormat, numbers: readonly string[], texts: readonly string[]) {
  const env = {
    ...process.env,
    TRAINING_DATA: path,
    EVALUATION_DATA: path,
    DATA_FORMAT: JSON.stringify(format),
    COLUMNS: JSON.stringify([numbers, texts]),
  };
  const { stdout, stderr, code } = await promisify(execFile)(python, ["-c", READ], { env }).catch((error) => error);
  return { code, stderr, read: stdout === "" ? undefined : JSON.parse(stdout) };
}

test("reads separators, decimal commas, encodings, comments and quotes as the gate does, without ignored columns, id and weights", async () => {
  const text = "# Straße 1\nflat;size;note;'a,b,c;d';w;rent\n1;8,26;x;'é;1';2;1,5 # as described\n2;7;y;007;0,5;2\n";
  const format: DataFormat = {
    label: "rent",
    id: "flat",
    weights: "w",
    ignore: ["note"],
    missing: ["-"],
    csv: { decimal: ",", encoding: "latin-1", comment: "#", quote: "'" },
  };
  const path = await pinnedCsv(Buffer.from(text, "latin1"));
  const { read, stderr } = await readInPython(path, format, ["size"], ["a,b,c;d"]);
  expect(read, stderr).toEqual([{ size: [8.26, 7], "a,b,c;d": ["é;1", "007"] }, [1.5, 2], [2, 0.5]]);
  const { table, weights } = await readSnapshotData(
    path,
    { format, others: "any", label: { kind: "values" } },
    () => {},
  );
  expect(table.fields.map(({ name }) => name)).toEqual(Object.keys(read[0]));
  expect([...(weights ?? [])]).toEqual(read[2]);
});

test.each([
  ["a tab", "utf-8", "\uFEFFa\ty\n1\t2\n"],
  ["a bar in UTF-16", "utf-16le", "\uFEFFa|y\r\n1|2\r\n"],
  ["a comma", "utf-8", '"a",y\n1,2\n'],
] as const)("detects %s", async (_, encoding, text) => {
  const path = await pinnedCsv(Buffer.from(text, encoding));
  const { read, stderr } = await readInPython(path, { label: "y" }, ["a"], []);
  expect(read, stderr).toEqual([{ a: [1] }, [2], null]);
});

test.each<[DataFormat, string]>([
  [{ ignore: ["a"] }, 'data.ignore excludes the column "a", which the trainer takes: remove it from NUMBERS in'],
  [{ id: "b" }, 'data.id excludes the column "b", which the trainer takes: remove it from TEXTS in'],
  [{ weights: "c" }, 'has no column "c", which data.weights names'],
])("says what to do if the format %j excludes a column of the trainer", async (keys, message) => {
  const format = { label: "y", ...keys };
  const { code, stderr } = await readInPython(await pinnedCsv("a,b,y\n1,2,3\n"), format, ["a"], ["b"]);
  expect(code).toBe(1);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toContain(message);
});
