import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { Field, FieldType } from "../../data/field.ts";
import { connect } from "../../data/reader/duckdb.ts";
import { openCsv } from "../../data/reader/read-csv.ts";
import type { Column } from "../../data/table.ts";
import { readCsvRows } from "../../service/inference/csv-rows.ts";
import { testPython } from "../helpers/python.ts";

const DATES = [
  ...["2024-03-01", "2024-03-01T12:00:00", "2024-03-01 12:00:00", "2024-03-01T12:00", "2024-03-01T12", "12:00:00"],
  ...["2024-03-01T12:00:00Z", "2024-03-01T12:00:00z", "2024-03-01t12:00:00", "2024-03-01T12:00:00+01:00"],
  ...["2024-03-01T12:00:00+0100", "2024-03-01T12:00:00+01", "2024-03-01 12:00:00+01", "2024-03-01 12:00:00 +0100"],
  ...["2024-03-01 12:00:00 UTC", "2024-03-01 12:00:00 CET", "2024-03-01 12:00:00 Europe/Berlin"],
  ...[
    "2024-03-01T12:00:00+14:00",
    "2024-03-01T12:00:00-00:00",
    "2024-03-01T12:00:00+25:00",
    "2024-03-01T12:00:00+01:60",
  ],
  ...["2024-03-01T12:00:00+01:00:30", "2024-03-01Z", "2024-03-01+01:00", "2024-03-01  12:00:00", "2024-03-01T1:02:03"],
  ...["2024-03-01T12:00:00.5", "2024-03-01T12:00:00.123456", "2024-03-01T12:00:00.123456789", "2024-03-01T12:00:00,5"],
  ...["2024-03-01T12:00.5", "2024-03-01T24:00:00", "2024-03-01T23:59:60", "2024-03-01T25:00:00", "2024-03-01T12:60:00"],
  ...["1969-12-31T23:59:59.999999Z", "1900-01-01", "2024-02-30", "2023-02-29", "2024-02-29", "1900-02-29"],
  ...["2024-13-01", "2024-00-10", "2024-01-00", "0001-01-01", "0000-01-01", "0044-03-15 (BC)", "-0044-03-15"],
  ...["9999-12-31T23:59:59.999999", "10000-01-01", "+12024-03-01", "290000-01-01", "epoch", "infinity", "-infinity"],
  ...["today", "now", "NaT", "2024/03/01", "2024/3/1 1:02", "2024-3-1", "2024-03/01", "20240301", "01/02/2026"],
  ...["2024-W09-5", "2024-061", "2024-03", "1709294400", " 2024-03-01", "2024-03-01 ", "２０２４-03-01"],
];
const WHOLE = [
  ...["0", "7", "-7", "+7", "007", " 7", "7 ", "-0", "1e3", "1E3", "1.5e1", "1e-3", "1.0", "1.", "1.5", ".5", "1_000"],
  ...["1,000", "1 000", "0x10", "0b1", "7L", "'7", "--1", "+", "-", ".", "", " ", "inf", "nan", "true", "１"],
  ...["127", "128", "-128", "-129", "255", "256", "2147483647", "2147483648", "9007199254740991", "9007199254740993"],
  ...["9007199254740993.0", "9007199254740993.5", "9223372036854775807", "9223372036854775808", "-9223372036854775808"],
  ...["18446744073709551615", "18446744073709551616", "1e20", "1e400", "000000000000000000000000000007"],
];
const FLOATS = [
  ...["0", "-0.0", "1.", "+1.5", ".5", "-.5", "1e3", "1E+3", "1e-400", "1e400", "1e38", "3.5e38", "65504", "65520"],
  ...[
    "5e-324",
    "0.1",
    "1234567890123456789.5",
    " 1.5",
    "1.5 ",
    "1.5\u00a0",
    "1,5",
    "1 000",
    "1_000.5",
    "0x10",
    "0x1p3",
  ],
  ...["inf", "-inf", "+inf", "Infinity", "nan", "NaN", "NAN", "-nan", "1d", "1f", "1e", "e3", "1e3.5", ".", "+", "--1"],
  ...["1.5.2", "true", "１.５", "١", "NA", "N/A", "n/a", "<NA>", "NULL", "None", "null", "missing", "-", "", " "],
];
const BOOLEANS = [
  ...[
    "true",
    "false",
    "True",
    "False",
    "TRUE",
    "FALSE",
    "tRuE",
    "t",
    "f",
    "T",
    "F",
    "yes",
    "no",
    "Y",
    "n",
    "on",
    "off",
  ],
  ...["1", "0", "1.0", "0.0", "2", "-1", "+1", "01", "00", "1e0", " true", "true ", "wahr", "", " ", "nan", "NA"],
];
const TABLE: readonly (readonly [FieldType, readonly string[]])[] = [
  ["datetime", DATES],
  ...(["int8", "uint8", "int32", "int64", "uint64"] as const).map((type) => [type, WHOLE] as const),
  ...(["float16", "float32", "float64"] as const).map((type) => [type, FLOATS] as const),
  ["boolean", BOOLEANS],
];
const REFUSED = "refused";
const MISSING = "missing";

/** A cell of a column: a number, microseconds or a boolean (0 or 1). */
function cellOf(column: Column | undefined, type: FieldType): number | bigint | string {
  if (column?.kind !== "number") return "text";
  const { data, offset, missing } = column;
  const found = data[offset] as number | bigint;
  if (missing?.[0] === 1) return MISSING;
  const value = type === "float16" ? (new Float16Array(data.buffer)[offset] as number) : found;
  return Number.isNaN(value) ? MISSING : value;
}

/** Reads a file of one row, with a column for each cell. */
async function byGate(type: FieldType, cells: readonly string[], nullable: boolean) {
  const session = await connect();
  try {
    const file = join(session.folder, "cells.csv");
    await writeFile(file, `${cells.map((_, at) => `c${at}`)}\n${cells.map(quoted)}\n`);
    const opened = await openCsv(session, file, "cells.csv", {});
    const fields = cells.map((_, at): Field => ({ name: `c${at}`, type, nullable }));
    for await (const { columns } of opened.read(fields, 1))
      return columns.map(({ column, fault }) => (fault ? REFUSED : cellOf(column, type)));
    throw new Error("no row");
  } finally {
    session.close();
  }
}

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

function byService(type: FieldType, cell: string, nullable: boolean) {
  const inputs: Field[] = [
    { name: "x", type, nullable },
    { name: "y", type: "float64", nullable: false },
  ];
  try {
    const { table } = readCsvRows(`x,y\n${quoted(cell)},1\n`, { signature: { inputs, isNamed: true }, maxRows: 1 });
    return cellOf(table.columns[0], type);
  } catch {
    return REFUSED;
  }
}

const pairs = (cells: readonly string[], read: readonly unknown[]) => cells.map((cell, at) => [cell, read[at]]);

test.each(TABLE)("the gate and the service read cells of type %s identically", async (type, cells) => {
  for (const nullable of [false, true]) {
    const service = cells.map((cell) => byService(type, cell, nullable));
    expect(pairs(cells, await byGate(type, cells, nullable))).toEqual(pairs(cells, service));
  }
});

test("a column whose numbers DuckDB's own parser converts reads the same", async () => {
  const alone: unknown[] = [];
  for (const cell of FLOATS) alone.push(...(await byGate("float64", [cell], false)));
  expect(pairs(FLOATS, alone)).toEqual(pairs(FLOATS, await byGate("float64", FLOATS, false)));
}, 60_000);

const READ_BY_PYTHON = `
import json, sys, datetime, warnings
import pandas as pd
warnings.simplefilter("ignore")
def micros(at):
    at = at if at.tzinfo else at.replace(tzinfo=datetime.timezone.utc)
    return str((at - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(microseconds=1))
def attempt(read, text):
    try: return micros(read(text))
    except (ValueError, OverflowError, TypeError, AttributeError): return None
def number(text):
    try: return repr(float(text))
    except ValueError: return None
from pandas._libs.parsers import STR_NA_VALUES
given = json.load(sys.stdin)
print(json.dumps({"dates": [[attempt(lambda t: pd.Timestamp(t).to_pydatetime(warn=False), t.strip()), attempt(datetime.datetime.fromisoformat, t.strip())] for t in given["dates"]], "numbers": [number(t) for t in given["numbers"]], "missing": sorted(STR_NA_VALUES)}))
`;

interface ReadByPython {
  readonly dates: readonly (readonly [pandas: string | null, iso: string | null])[];
  readonly numbers: readonly (string | null)[];
  readonly missing: readonly string[];
}

async function python(numbers: readonly string[]): Promise<ReadByPython> {
  const child = promisify(execFile)(await testPython(), ["-c", READ_BY_PYTHON]);
  child.child.stdin?.end(JSON.stringify({ dates: DATES, numbers }));
  return JSON.parse((await child).stdout);
}

const ONLY_PYTHON = [
  ...["2024-03-01T12", "2024-03-01t12:00:00", "2024-03-01T12:00:00+01:60", "2024-03-01T12:00:00+01:00:30"],
  ...["2024-03-01+01:00", "2024-03-01Z", "2024-03-01T12:00:00,5", "2024-03-01T12:00.5", "2024-03-01T24:00:00"],
  ...["2024-03-01T12:00:00z", "20240301", "2024-W09-5", "2024-061"],
];

test("cells that Python can read have the same value: pandas, datetime.fromisoformat, float", async () => {
  const numbers = [...new Set([...WHOLE, ...FLOATS])];
  const { dates, numbers: floats, missing } = await python(numbers);
  const both = { dates: 0, floats: 0 };
  const more: string[] = [];
  for (const [at, text] of DATES.entries()) {
    const own = byService("datetime", text, false);
    const [pandas, iso] = dates[at] ?? [];
    if (own === REFUSED) {
      if (iso) more.push(text);
      continue;
    }
    both.dates++;
    expect([text, `${own}`]).toEqual([text, pandas ?? iso]);
    if (iso) expect([text, `${own}`]).toEqual([text, iso]);
  }
  // Unlikely notations, on which Python's versions differ.
  expect(more.filter((text) => !ONLY_PYTHON.includes(text))).toEqual([]);
  for (const [at, text] of numbers.entries()) {
    const own = byService("float64", text, false);
    if (own === REFUSED) continue;
    both.floats++;
    expect([text, own]).toEqual([text, Number(floats[at])]);
  }
  expect(both).toEqual({ dates: 27, floats: 50 });
  expect(missing.map((text) => byService("float32", text, true))).toEqual(missing.map(() => MISSING));
  expect(await byGate("float32", missing, true)).toEqual(missing.map(() => MISSING));
}, 60_000);
