import { expect, test } from "vitest";
import type { Field } from "../../data/field.ts";
import type { Table } from "../../data/table.ts";
import { parseJson } from "../../service/http/body.ts";
import { readBodyRows } from "../../service/inference/readers.ts";
import { TableJoiner } from "../../service/inference/table-joiner.ts";
import { isScannable, TypedRowScanner } from "../../service/inference/typed-row-scanner.ts";

const FIELDS: readonly Field[] = [
  { name: "income", type: "float32", nullable: true },
  { name: "rate", type: "float64", nullable: false },
  { name: "id", type: "int64", nullable: true },
  { name: "age", type: "int8", nullable: false },
  { name: "count", type: "uint32", nullable: false },
  { name: "member", type: "boolean", nullable: true },
  { name: "city", type: "string", nullable: true },
  { name: "plan", type: "string", nullable: false },
];
const GOOD = ["1.5", "0.1", "12", "-7", "4294967295", "true", '"Ulm"', '"basic"'];

/** Returns the values row by row, with floats as stored in memory. */
const rowsOf = ({ columns, rows }: Table) =>
  Array.from({ length: rows }, (_, row) =>
    columns.map((column) => {
      if (column.kind === "text") return column.dictionary[column.codes[row] as number] ?? null;
      return column.missing?.[row] === 1 ? null : column.data[column.offset + row * column.stride];
    }),
  );

const scanner = new TypedRowScanner(FIELDS);
const scanned = (text: string) => {
  const found = scanner.scan(Buffer.from(text), 100);
  return found && rowsOf(found.table);
};
/** Reads with JSON.parse and the type checks; undefined for a body that they reject. */
const parsed = (text: string) => {
  try {
    const reading = { signature: { inputs: FIELDS, isNamed: true }, maxRows: 100 };
    return rowsOf(readBodyRows(parseJson(Buffer.from(text)), reading).table);
  } catch {
    return undefined;
  }
};

const VALUES = [
  ..."null true false 0 1 -0 -0.0 7 -1 127 128 255 -128 -129 2147483648 4294967296 1.0 1e2 1E-2 1.5e3 0.1 0.30000000000000004".split(" "),
  ..."9007199254740991 9007199254740992 -9007199254740991 9007199254740993 1e22 1e23 1e308 1e309 3.5e38 3.4028235e38".split(" "),
  ..."123456789012345 1234567890123456 0.000001234567890123 5e-324 2.2250738585072011e-308 01 1. .5 - -a +1 NaN Infinity 1e 1e+ tru nul falsy".split(" "),
  '""', '"a"', '"größe"', '"\\u00e9"', '"a\\"b"', '"\ud83d\ude00"', '"tab\\t"', '"line\nbreak"', '"12"', '"unended', "[]", "{}", "", "1 2",
  " 1 ", "\t0.25\n", `"${"x".repeat(70)}"`,
]; // biome-ignore format: a list

test("reads the same values as JSON.parse and the type checks in every column, or leaves them to those", () => {
  let [compared, left] = [0, 0];
  for (const value of VALUES)
    for (let place = 0; place < FIELDS.length; place++) {
      const row = GOOD.with(place, value);
      const text = `{"instances":[[${GOOD}],[${row}],[${GOOD}]]}`;
      const [found, expected] = [scanned(text), parsed(text)];
      if (found === undefined) {
        left++;
        continue;
      }
      compared++;
      expect(found, text).toEqual(expected);
    }
  // Not scanned: invalid bodies, and escapes.
  expect(compared).toBeGreaterThan(130);
  expect(left).toBeGreaterThan(100);
});

test("scans everything that JSON.parse and the checks accept, except escapes and strings of numbers beyond 2^53", () => {
  for (const value of VALUES)
    for (let place = 0; place < FIELDS.length; place++) {
      const text = `{"inputs":[[${GOOD.with(place, value)}]]}`;
      if (parsed(text) && !value.includes("\\") && value !== '"12"') expect(scanned(text), text).toBeDefined();
    }
});

test("reads the same double as JSON.parse, to the bit", () => {
  const rate = new TypedRowScanner([{ name: "rate", type: "float64", nullable: false }]);
  let state = 1;
  const random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const digits = (length: number) => Array.from({ length }, () => Math.floor(random() * 10)).join("");
  for (let index = 0; index < 20_000; index++) {
    const text = `${index % 2 ? "-" : ""}${1 + digits(random() * 12)}.${digits(1 + random() * 16)}${index % 7 ? "" : `e${Math.floor(random() * 40 - 20)}`}`;
    const found = rate.scan(Buffer.from(`{"features":[[${text}]]}`), 1)?.table.columns[0];
    if (found?.kind !== "number" || !Object.is(found.data[0], JSON.parse(text))) expect.fail(text);
  }
});

test("accepts white space, and returns the pointer to a row", () => {
  const text = ` {\n"inputs" :\t[ [ ${GOOD.join(" , ")} ] ,[${GOOD}]\r\n] } `;
  expect(scanned(text)).toEqual(parsed(text));
  expect(scanner.scan(Buffer.from(text), 2)?.pointerToRow(1)).toBe("/inputs/1");
});

test.each([
  "",
  "{",
  "[]",
  '{"features":[]}',
  '{"features":[[]]}',
  `{"features":[[${GOOD.slice(1)}]]}`,
  `{"features":[[${GOOD},1]]}`,
  `{"features":[[${GOOD}]],"more":1}`,
  `{"features":[[${GOOD}]]}}`,
  `{"other":[[${GOOD}]]}`,
  `{"features":[[${GOOD}]`,
  `{"features":[${new Array(101).fill(`[${GOOD}]`)}]}`,
])("leaves other bodies to JSON.parse, case %#", (text) => {
  expect(scanned(text)).toBeUndefined();
});

test("leaves a body truncated at any position to JSON.parse", () => {
  const text = `{"features":[[${GOOD}],[null,1e2,null,0,0,null,null,"é"]]}`;
  expect(scanned(text)).toEqual(parsed(text));
  const bytes = Buffer.from(text);
  for (let length = 0; length < bytes.length; length++)
    expect(scanner.scan(Buffer.from(bytes.subarray(0, length)), 100)).toBeUndefined();
});

test("keeps strings correct when there are more than the pool holds", () => {
  const cities = new TypedRowScanner([{ name: "city", type: "string", nullable: false }]);
  const read = (texts: readonly string[]) => {
    const found = cities.scan(Buffer.from(JSON.stringify({ features: texts.map((text) => [text]) })), 10_000);
    if (!found) throw new Error("not scanned");
    return found.table;
  };
  const lists = Array.from({ length: 12 }, (_, list) =>
    Array.from({ length: 500 }, (_, index) => `${list % 3}-${index}-${"y".repeat(index % 80)}`),
  );
  const tables = lists.map(read);
  for (const [index, table] of tables.entries()) expect(rowsOf(table).flat(), `list ${index}`).toEqual(lists[index]);
  expect(rowsOf(new TableJoiner().join(tables)).flat()).toEqual(lists.flat());
  // Columns of one dictionary keep sharing it.
  const [one, two] = [read(["a", "b"]), read(["b", "c"])];
  const [joined] = new TableJoiner().join([one, two]).columns;
  if (joined?.kind !== "text" || one.columns[0]?.kind !== "text") throw new Error("no texts");
  expect(joined.dictionary).toBe(one.columns[0].dictionary);
  expect([...joined.codes].map((code) => joined.dictionary[code])).toEqual(["a", "b", "b", "c"]);
});

test("does not scan dates, half floats and dimensions", () => {
  const field = { name: "x", nullable: false } as const;
  for (const type of ["datetime", "float16", "uint64"] as const) expect(isScannable([{ ...field, type }])).toBe(false);
  expect(isScannable([{ ...field, type: "float32", shape: [2, 2] }])).toBe(false);
  expect(isScannable(FIELDS)).toBe(true);
});
