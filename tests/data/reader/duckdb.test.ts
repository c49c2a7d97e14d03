import { createHash } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connect, identifier, literal } from "../../../data/reader/duckdb.ts";
import type { FileIdentity } from "../../../data/reader/file-identity.ts";
import { readTable } from "../../../data/reader/read-table.ts";
import { temporaryFolder } from "../../fixtures/training/pinned-csv.ts";

test.each([
  ["other files of this machine", "SELECT * FROM read_csv('/etc/passwd')"],
  ["other folders", "SELECT * FROM glob('/tmp/*')"],
  ["files outside its folder for writing", "COPY (SELECT 1) TO '/tmp/written.csv'"],
  ["the network", "SELECT * FROM read_csv('http://127.0.0.1:1/x.csv')"],
  ["extensions", "INSTALL httpfs"],
  ["installed extensions", "LOAD httpfs"],
  ["databases", "ATTACH '/tmp/x.db'"],
  ["other settings", "SET threads = 1"],
  ["its lock", "SET lock_configuration = false"],
])("the database cannot access %s", async (_name, sql) => {
  const { run, close } = await connect();
  await expect(run(sql)).rejects.toThrow(/disabled by configuration|has been locked|Permission Error|not found/i);
  close();
});

test.each(["a'b.csv", 'a"b.csv', "*.csv", "[a-z].csv", "a; DROP TABLE x.csv", "a\nb.csv", "größe ?.csv"])(
  "reads a file named %j",
  async (name) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "abc.csv"), "x,label\n7,1\n");
    await writeFile(join(folder, name), "x,label\n1,0\n");
    const { table } = await readTable(join(folder, name), { others: "numbers", verify: () => {} });
    expect(table).toMatchObject({ rows: 1, columns: [{ data: Float64Array.of(1) }] });
  },
);

test("a query that fails after many rows does not seem to end normally", async () => {
  const { rows, close } = await connect();
  // More rows than the database reads ahead.
  const found = await rows(
    "SELECT CASE WHEN i = 9_999_999 THEN error('too late') ELSE i END FROM range(10_000_000) t(i)",
  );
  let seen = 0;
  const reading = (async () => {
    for (let chunk = await found.next(); chunk; chunk = await found.next()) seen += chunk.rows;
  })();
  await expect(reading).rejects.toThrow("too late");
  expect(seen).toBeGreaterThan(1_000_000);
  await found.close();
  close();
});

test("a column name is never executed as SQL", async () => {
  const path = join(await temporaryFolder(), "data.csv");
  const name = `x' AS y, (SELECT 1) AS "z`;
  await writeFile(path, `"${name.replaceAll('"', '""')}",label\n1,0\n`);
  const { table } = await readTable(path, { others: "numbers", verify: () => {} });
  expect(table.fields).toMatchObject([{ name }]);
  expect([literal("a'b"), identifier('a"b')]).toEqual(["'a''b'", '"a""b"']);
});

test("reads exactly the hashed rows while another process keeps writing to the file", {
  timeout: 60_000,
}, async () => {
  const path = join(await temporaryFolder(), "data.csv");
  const contents = ["1", "2"].map((cell) => `x,label\n${`${cell},0\n`.repeat(100_000)}`);
  const sums = new Map(contents.map((text, index) => [md5(text), (index + 1) * 100_000]));
  await writeFile(path, contents[0] as string);
  let isDone = false;
  const writing = (async () => {
    for (let turn = 0; !isDone; turn++) await writeFile(path, contents[turn & 1] as string, { flag: "r+" });
  })();
  let whole = 0;
  for (let round = 0; round < 25; round++) {
    let seen = "";
    const verify = (identity: FileIdentity) => {
      seen = identity.md5;
    };
    const { table } = await readTable(path, { others: "numbers", verify });
    const [column] = table.columns;
    const sum = column?.kind === "number" ? (column.data as Float64Array).reduce((a, b) => a + b, 0) : 0;
    // A mixture of both versions would be rejected by the DVC pointer's hash.
    if (!sums.has(seen)) continue;
    whole++;
    expect(sum).toBe(sums.get(seen));
  }
  isDone = true;
  await writing;
  expect(whole).toBeGreaterThan(0);
  const { folder, close } = await connect();
  expect(await readdir(folder)).toEqual([]);
  close();
  await expect(readdir(folder)).rejects.toThrow("ENOENT");
});

const md5 = (text: string) => createHash("md5").update(text).digest("hex");
