import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { numbersOf } from "../../data/column-values.ts";
import type { Field } from "../../data/field.ts";
import { loadSnapshot } from "../../training/snapshot.ts";
import { pinnedCsv, pointer, temporaryFolder } from "../fixtures/training/pinned-csv.ts";
import { CHURN } from "../fixtures/training/recorded.ts";
import { loadNumbers } from "../helpers/number-rows.ts";

const md5 = (content: string) => createHash("md5").update(content).digest("hex");

test.each([
  ["train", 1600],
  ["evaluation", 400],
  ["reference", 1600],
])("reads %s.csv", async (name, rows) => {
  const snapshot = await loadNumbers(`${CHURN}/${name}.csv`);
  expect(snapshot.rows).toBe(rows);
  expect(snapshot.columns).toEqual(Array.from({ length: 10 }, (_, index) => `f${index}`));
  expect(snapshot.features).toHaveLength(rows * 10);
  expect(snapshot.labels).toHaveLength(rows);
});

test("keeps every digit, the order of the rows and the pinned hash", async () => {
  const snapshot = await loadNumbers(`${CHURN}/train.csv`);
  expect(snapshot.md5).toBe("823c7d11ba47cc5342be77bd71a0d886");
  expect([...snapshot.features.slice(0, 3)]).toEqual([0.1469922842885556, 2.143444818543648, 0.28722034517527945]);
  expect([...snapshot.labels.slice(0, 5)]).toEqual([1, 1, 0, 0, 0]);
});

test("reads a byte order mark, CRLF, quotes, exponents and a last line without a line break", async () => {
  const { columns, features, labels } = await loadNumbers(
    await pinnedCsv('\uFEFF"age, years",b,label\r\n1,-.5,1\r\n"2",1e-3,0'),
  );
  expect(columns).toEqual(["age, years", "b"]);
  expect([...features]).toEqual([1, -0.5, 2, 0.001]);
  expect([...labels]).toEqual([1, 0]);
});

test("names both hashes if the data does not match its pointer", async () => {
  const path = await pinnedCsv("a,label\n1,0\n");
  // The file is also malformed, but the changed content must be reported first.
  await writeFile(path, "a,label\n,0\n9");
  const [edited, pinned] = [md5("a,label\n,0\n9"), md5("a,label\n1,0\n")];
  await expect(loadNumbers(path)).rejects.toThrow(`md5 ${edited} (12 bytes), but the pointer has ${pinned} (12 bytes)`);
});

test("rejects data that was replaced together with its pointer during the update", async () => {
  const path = await pinnedCsv("a,label\n1,0\n");
  const meant = md5("a,label\n2,1\n");
  await expect(loadNumbers(path, { md5: meant })).rejects.toThrow(
    `${path}.dvc changed during the update: it had md5 ${meant} at the start`,
  );
  expect((await loadNumbers(path, { md5: md5("a,label\n1,0\n") })).rows).toBe(1);
});

test("rejects a size that differs from the pointer's", async () => {
  const content = "a,label\n1,0\n";
  const path = await pinnedCsv(content);
  await writeFile(`${path}.dvc`, pointer(content, "data.csv").replace("size: 12", "size: 13"));
  await expect(loadNumbers(path)).rejects.toThrow(/\(12 bytes\), but the pointer has \w{32} \(13 bytes\)/);
});

test("rejects data without a pointer, and a pointer without data", async () => {
  const path = await pinnedCsv("a,label\n1,0\n");
  await rm(`${path}.dvc`);
  await expect(loadNumbers(path)).rejects.toThrow(`${path}.dvc is missing. Pin the data with: dvc add ${path}`);
  await expect(loadNumbers("no/such.csv")).rejects.toThrow("no/such.csv is missing.");
});

test("names the real path for DVC if the data is in a linked folder", async () => {
  const [link, real] = ["training/data/churn", "models/churn/data"];
  await expect(loadNumbers(`${link}/no-such.csv`)).rejects.toThrow(
    `${link}/no-such.csv is missing. If its data is kept in a DVC remote, fetch it with: dvc pull ${real}/no-such.csv`,
  );
  const folder = await temporaryFolder();
  await mkdir(join(folder, "real"));
  await symlink("real", join(folder, "link"));
  await writeFile(join(folder, "real/data.csv"), "a,label\n1,1\n");
  await writeFile(join(folder, "real/data.csv.dvc"), pointer("a,label\n1,0\n", "data.csv"));
  // In a process of its own, because the advice is relative to the working directory.
  const program = `
    import { loadSnapshot } from ${JSON.stringify(resolve("training/snapshot.ts"))};
    await loadSnapshot("link/data.csv").catch(({ message }) => console.log(message));`;
  const args = ["--input-type=module", "--eval", program];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  expect(stdout, stderr).toMatch(
    /^link\/data\.csv is not the data that link\/data\.csv\.dvc pins: .* dvc commit real\/data\.csv\n$/,
  );
});

test.each([
  ["an empty file", "", "data.csv is empty"],
  ["a header without rows", "a,label\n", "data.csv has a header but no rows"],
  ["data without a header", "1,0\n2,1\n", 'data.csv:1: there is no column "label": it has 1, 0. Name'],
  ["only a label", "label\n0\n", "data.csv:1: there is no feature besides"],
  ["a column named twice", "a,b,a,label\n1,2,3,0\n", 'data.csv:1: the header has column "a" twice'],
  ["a column without a name", "a,,label\n1,2,0\n", "data.csv:1: column 2 has no name"],
  ["an empty cell", "a,b,label\n1,2,0\n1,,0\n", "data.csv:3: column b is empty"],
  ["a blank cell", "a,b,label\n1, ,0\n", "data.csv:2: column b is empty"],
  ["NaN", "a,b,label\nNaN,2,0\n", 'data.csv:2: column a must be a finite number, got "NaN"'],
  ["infinity", "a,b,label\n1,-Infinity,0\n", 'data.csv:2: column b must be a finite number, got "-Infinity"'],
  ["hexadecimal", "a,b,label\n1,0x10,0\n", 'data.csv:2: column b must be a finite number, got "0x10"'],
  ["text", "a,b,label\n1,yes,0\n", 'data.csv:2: column b must be a finite number, got "yes"'],
  ["a number beyond float32", "a,b,label\n1,1e39,0\n", "data.csv:2: column b: 1e39 is beyond the range of float32"],
  ["too few values", "a,b,label\n1,0\n", "data.csv:2: 2 values, the header has 3 columns"],
  ["too many values", "a,b,label\n1,2,0\n1,2,3,0\n", "data.csv:3: 4 values, the header has 3 columns"],
  ["a third label", "a,label\n1,0\n2,2\n", 'data.csv:3: column label must be 0 or 1, got "2"'],
  ["a label in words", "a,label\n1,yes\n", 'data.csv:2: column label must be 0 or 1, got "yes"'],
  ["a missing label", "a,label\n1,\n", "data.csv:2: column label is empty"],
  ["an unclosed quote", 'a,label\n1,0\n"2,1\n', "data.csv:3: a quote is not closed"],
])("rejects %s", async (_name, content, message) => {
  await expect(loadNumbers(await pinnedCsv(content))).rejects.toThrow(message);
});

test("reads plain and quoted numbers alike, across several reads of the file", async () => {
  const cells = (row: number) => [Math.sin(row) * 10 ** ((row % 41) - 20), -row / 7, row % 2];
  const rows = Array.from({ length: 40_000 }, (_, row) => cells(row));
  const write = (cell: (value: number) => string) => `a,b,label\n${rows.map((row) => row.map(cell).join()).join("\n")}`;
  const plain = await loadNumbers(await pinnedCsv(write(String)));
  const quoted = await loadNumbers(await pinnedCsv(write((value) => `"${value}"`)));
  expect(plain.rows).toBe(40_000);
  expect(plain.features).toHaveLength(80_000);
  expect(plain.features.every((value, index) => value === rows[index >> 1]?.[index & 1])).toBe(true);
  expect(plain.labels).toHaveLength(40_000);
  expect(plain.labels.every((label, row) => label === row % 2)).toBe(true);
  expect(quoted.features).toEqual(plain.features);
  expect(quoted.labels).toEqual(plain.labels);
});

test("names the line of an invalid cell far into the file", async () => {
  const good = "1.5,2.5,1\n".repeat(150_000);
  await expect(loadNumbers(await pinnedCsv(`a,b,label\n${good}1,x,0\n${good}`))).rejects.toThrow(
    'data.csv:150002: column b must be a finite number, got "x"',
  );
});

test("reads lines longer than DuckDB's two million characters, and names the fault in one", async () => {
  const line = (number: string) => `a,label\n1,0\n${number},1\n`;
  const { features, labels } = await loadNumbers(await pinnedCsv(line(`0.5${"0".repeat(1_999_000)}`)));
  expect([[...features], [...labels]]).toEqual([
    [1, 0.5],
    [0, 1],
  ]);
  const long = (text: string) =>
    `t,x,label\na,1,0\n${"b".repeat(3_000_000)},${text},1\n"${"c\n".repeat(1_500_000)}",3,0\n`;
  const { table } = await loadSnapshot(await pinnedCsv(long("2")), { others: "any" });
  const [texts, numbers] = table.columns;
  expect(texts?.kind === "text" && texts.dictionary.map((one) => one.length)).toEqual([1, 3_000_000, 3_000_000]);
  if (numbers?.kind !== "number") throw new Error("x is not a column of numbers");
  expect([...numbersOf({ type: "float64" }, numbers, 3)]).toEqual([1, 2, 3]);
  const fields: Field[] = [{ name: "x", type: "float64", nullable: false }];
  await expect(loadSnapshot(await pinnedCsv(long("two")), { fields, others: "none" })).rejects.toThrow(
    'data.csv:3: column x must be a finite number, got "two"',
  );
  await expect(loadSnapshot(await pinnedCsv(long("2,2")), { fields, others: "none" })).rejects.toThrow(
    "data.csv:3: 4 values, the header has 3 columns",
  );
});

const parquet = async (name: string) =>
  loadNumbers(await pinnedCsv(await readFile(`tests/fixtures/training/parquet/${name}.parquet`), "data.parquet"));

test.each(["snappy", "zstd", "gzip", "none", "groups"])("reads Parquet as pandas writes it: %s", async (name) => {
  const { columns, features, labels, rows } = await parquet(name);
  expect(columns).toEqual(["age", "balance", "member"]);
  expect(rows).toBe(6);
  // All six rows, with two in each row group.
  expect([...features]).toEqual([31, 0.1, 1, 45, -2.5e-3, 0, 27, 1e10, 1, 60, 3, 1, 18, -0, 0, 39, 123456.789, 0]);
  expect([...labels]).toEqual([0, 1, 0, 1, 1, 0]);
});

test.each([
  ["null", "data.parquet row 2: column balance"],
  ["third-label", 'data.parquet row 4: column label must be 0 or 1, got "2"'],
  ["no-label", 'data.parquet: there is no column "label": it has age, balance, member'],
])("rejects invalid Parquet: %s", async (name, message) => {
  await expect(parquet(name)).rejects.toThrow(message);
});

test("rejects a file that is not Parquet, and Parquet that does not match its pointer", async () => {
  await expect(loadNumbers(await pinnedCsv("a,label\n1,0\n", "data.parquet"))).rejects.toThrow(
    "data.parquet cannot be read as Parquet",
  );
  const path = await pinnedCsv("anything", "data.parquet");
  await writeFile(path, "other");
  await expect(loadNumbers(path)).rejects.toThrow("is not the data that");
});
