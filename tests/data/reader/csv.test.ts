import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import type { DataFormat } from "../../../data/reader/data-format.ts";
import { readTable } from "../../../data/reader/read-table.ts";
import { temporaryFolder } from "../../fixtures/training/pinned-csv.ts";

const verify = () => {};

async function read(content: string | Uint8Array, format?: DataFormat, name = "data.csv") {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, content);
  return readTable(path, { others: "numbers", format, verify });
}

const ROWS = Array.from({ length: 40 }, (_, row) => [18 + row, 30_000.25 + row * 7, 170.5 - row / 10, row % 2]);
const NAMES = ["age", "income", "größe", "label"];
const write = (separator = ",", end = "\n", cell: (value: number | string) => string = String) =>
  [NAMES, ...ROWS].map((row) => row.map(cell).join(separator) + end).join("");
const PLAIN = write();
const quoted = (value: number | string) => `"${value}"`;
const withComma = (value: number | string) => String(value).replace(".", ",");
const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le");

test.each<[string, string | Uint8Array, DataFormat?]>([
  ["plain", PLAIN],
  ["no line end on the last line", PLAIN.trimEnd()],
  ["quoted", write(",", "\n", quoted)],
  ["semicolons", write(";")],
  ["tabs", write("\t")],
  ["bars", write("|")],
  ["a separator that the format sets", write("^"), { csv: { separator: "^" } }],
  ["decimal commas", write(";", "\n", withComma), { csv: { decimal: "," } }],
  ["decimal commas in quotes", write(",", "\n", (value) => quoted(withComma(value))), { csv: { decimal: "," } }],
  ["single quotes", write(",", "\n", (value) => `'${value}'`), { csv: { quote: "'" } }],
  ["byte order mark", `\uFEFF${PLAIN}`],
  ["CRLF", write(",", "\r\n")],
  ["CRLF, mark and quotes", `\uFEFF${write(",", "\r\n", quoted)}`],
  ["CR", write(",", "\r")],
  ["both line ends", PLAIN.replaceAll(/(1)\n/g, "$1\r\n")],
  ["UTF-16 with its mark", utf16(PLAIN)],
  ["UTF-16 by the format", utf16(PLAIN).subarray(2), { csv: { encoding: "utf-16" } }],
  ["UTF-16 big-endian", utf16(PLAIN).swap16()],
  ["Latin-1", Buffer.from(PLAIN, "latin1"), { csv: { encoding: "latin-1" } }],
  ["Windows' code page", Buffer.from(PLAIN, "latin1"), { csv: { encoding: "windows-1252" } }],
  ["gzip", gzipSync(PLAIN)],
  ["zstd", zstdCompressSync(PLAIN)],
  ["trailing blank lines", `${PLAIN}\n\n`],
  ["trailing blank lines with CRLF", `${write(",", "\r\n")}\r\n\r\n`],
  ["comments", `# made by hand\n${PLAIN}# the end\n`, { csv: { comment: "#" } }],
  ["exponents", write(",", "\n", (value) => (typeof value === "number" ? value.toExponential() : value))],
])("reads the same table from a file with %s", async (_name, content, format) => {
  const { table, truth, unfit } = await read(content, format);
  expect(table.fields.map(({ name }) => name)).toEqual(NAMES.slice(0, 3));
  expect(table.rows).toBe(40);
  expect(table.columns.map((column) => column.kind === "number" && column.missing)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  const [first] = table.columns;
  expect([...((first?.kind === "number" && first.data) || [])]).toEqual(ROWS.flatMap((row) => row.slice(0, 3)));
  expect([...truth.codes]).toEqual(ROWS.map((row) => row[3]));
  expect(unfit.size).toBe(0);
});

const HEAD = "a,b,label\n";
test.each<[string, string | Uint8Array, string, DataFormat?]>([
  [
    "thousands",
    `${HEAD}"1,234.5",2,0\n`,
    'data.csv:2: column a must be a finite number, got "1,234.5". Write numbers without thousands separators',
  ],
  [
    "comments that the format does not declare",
    `# made by hand\n${HEAD}1,2,0\n`,
    'Name the label\'s column with data.label. If lines that begin with # are comments, set data.csv.comment to "#"',
  ],
  [
    "thousands separators with decimal commas",
    `${HEAD.replaceAll(",", ";")}1.234;2;0\n`,
    'got "1.234"',
    { csv: { decimal: "," } },
  ],
  ["digits in groups", `${HEAD}1_000,2,0\n`, 'data.csv:2: column a must be a finite number, got "1_000"'],
  ["a per cent sign", `${HEAD}1,2%,0\n`, 'data.csv:2: column b must be a finite number, got "2%"'],
  [
    "a missing value that the format does not declare",
    `${HEAD}1,NA,0\n`,
    'data.csv:2: column b must be a finite number, got "NA"',
  ],
  ["a missing value", `${HEAD}1,NA,0\n`, "data.csv:2: column b is empty: fill the gap", { missing: ["NA"] }],
  [
    "a line after quoted line ends",
    `"a\nb",b,label\n1,"\n 2",0\n\n# x\n1,x,0\n`,
    "data.csv:7: column b",
    { csv: { comment: "#" } },
  ],
  [
    "a row after a quote in a cell",
    `a,s,label\n1,5" pipe,0\n1,"5"" pipe",0\n1,x,7\n`,
    "data.csv:4: column label must be",
    { ignore: ["s"] },
  ],
  [
    "a row after comments with quotes",
    'a,label# "\n1,0 # "\n# "\n1,7\n',
    "data.csv:4: column label",
    { csv: { comment: "#" } },
  ],
  [
    "a header in Latin-1",
    Buffer.from("größe,label\n1,0\n", "latin1"),
    "data.csv:1: the line is not UTF-8: set data.csv.encoding to the file's",
  ],
  ["JSON Lines", '{"a":1,"label":0}\n', 'data.csv:1: the header is not a line of column names: {"a":1,"label":0}'],
  ["bytes", Buffer.alloc(400), 'data.csv:1: there is no column "label": it has   '],
  ["too few values after blank lines", `${HEAD}\n\n1,2,0\n1,2\n`, "data.csv:5: 2 values, the header has 3 columns"],
  ["Latin-1 as UTF-8", Buffer.from("a,b,label\n1,2,0\n1,ß,0\n", "latin1"), "data.csv:3: the line is not UTF-8"],
  ["UTF-8 that ends too early", Buffer.from([97, 0, 98]), "is not valid utf-16", { csv: { encoding: "utf-16" } }],
  [
    "Excel's separator",
    "sep=;\nx;label\n1;0\n",
    'data.csv:1: column 2 has no name: remove the line "sep=", which only Excel',
  ],
  ["pandas' index", ",a,label\n0,1,0\n", "data.csv:1: column 1 has no name: write the file without pandas' index"],
  [
    "an absent label",
    HEAD,
    'data.csv:1: there is no column "churned": it has a, b, label. Name the',
    { label: "churned" },
  ],
  [
    "a broken archive",
    Buffer.concat([gzipSync(PLAIN).subarray(0, 60)]),
    "data.csv cannot be decompressed: unexpected end",
  ],
  ["Feather", Buffer.from("ARROW1\0\0xxxx"), "data.csv is an Arrow (Feather) file: snapshots must be CSV or Parquet"],
  ["Excel", Buffer.from("PK\u0003\u0004xxxx"), "data.csv is a ZIP archive, or an Excel workbook"],
])("rejects %s", async (_name, content, message, format) => {
  await expect(read(content, format)).rejects.toThrow(message);
});

test("maps the label's strings to the format's classes, wherever the label column is", async () => {
  const format = { label: "churned", classes: ["no", "yes"], positive: "yes" };
  const { truth, table } = await read("churned,a\nyes,1\nno,2\nyes,3\n", format);
  expect(truth).toMatchObject({ classes: ["no", "yes"], codes: Int32Array.of(1, 0, 1) });
  expect(table.fields).toMatchObject([{ name: "a" }]);
});

test.each<[string, DataFormat["classes"], string]>([
  ["-1 and 1", [-1, 1], "a,label\n1,1\n2,-1\n"],
  ["1 and 2", [1, 2], "a,label\n1,2.0\n2,1.0\n"],
  ["Python's True and False", [false, true], "a,label\n1,True\n2,False\n"],
  ["strings with commas", ["a,b", "b"], 'a,label\n1,b\n2,"a,b"\n'],
])("recognizes the classes %s", async (_name, classes, content) => {
  expect([...(await read(content, { classes, positive: classes?.[1] })).truth.codes]).toEqual([1, 0]);
});

test("rejects a label that is not a class, and lists the classes", async () => {
  const format: DataFormat = { classes: ["no", "yes"], positive: "yes" };
  await expect(read("a,label\n1,yes\n2,maybe\n", format)).rejects.toThrow(
    'data.csv:3: column label must be no or yes, got "maybe". Name the label\'s classes with data.classes',
  );
  await expect(read("a,label\n1,yes\n2,\n", format)).rejects.toThrow("data.csv:3: column label is empty");
});
