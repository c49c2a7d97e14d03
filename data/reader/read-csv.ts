import { createReadStream, createWriteStream } from "node:fs";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Field } from "../field.ts";
import { castText } from "./cast-sql.ts";
import { type CsvLayout, columnsOption, csvLayout, NOT_UTF8 } from "./csv-layout.ts";
import type { DataFormat } from "./data-format.ts";
import { literal } from "./duckdb.ts";
import { chunksOf } from "./file-identity.ts";
import { lineOfRow } from "./line-of-row.ts";
import type { OpenedFile } from "./opened-file.ts";
import { typedColumns } from "./typed-columns.ts";

/**
 * Opens a CSV file.
 * @param file in UTF-8
 * @param path named in errors
 */
export async function openCsv(
  connection: DuckDBConnection,
  file: string,
  path: string,
  format: DataFormat,
): Promise<OpenedFile> {
  const layout = await csvLayout(connection, file, path, format);
  if (!layout) throw new Error(`${path} is empty: it needs a header line and rows`);
  const { names, headerLine } = layout;
  const unnamed = names.indexOf("");
  if (unnamed >= 0)
    throw new Error(
      `${path}:${headerLine}: column ${unnamed + 1} has no name${unnamed === 0 ? ": write the file without pandas' index (index=False)" : ""}`,
    );
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${path}:${headerLine}: the header names column "${twice}" twice`);
  const decimal = format.csv?.decimal ?? ".";
  const places = new Map(names.map((name, place) => [name, place]));
  const columnOf = (field: Field, hasGroups: boolean) => {
    const text = `c${places.get(field.name)}`;
    return { field, text, sql: castText(field.type, text, decimal, hasGroups) };
  };
  return {
    columns: names.map((name) => ({ name, kind: "any" })),
    header: `${path}:${headerLine}`,
    async place(row) {
      return `${path}:${await lineOfRow(file, layout, row)}`;
    },
    async read(fields) {
      const hasGroups = await hasUnderscore(file, layout);
      const columns = fields.map((field) => columnOf(field, hasGroups));
      const read = (from: string) => typedColumns(connection, { from, decimal, columns });
      try {
        return await read(rowsOf(file, layout));
      } catch (error) {
        const unixFile = await withUnixLines(file);
        if (unixFile !== undefined) return await read(rowsOf(unixFile, layout)).catch(() => refuse(error));
        return refuse(error);
      }
    },
  };

  async function refuse(error: unknown): Promise<never> {
    // Without its cause: that quotes whole lines of the data.
    throw new Error(await whatIsWrong(connection, file, path, layout as CsvLayout, error as Error));
  }
}

const rowsOf = (file: string, { names, options }: CsvLayout, more = "") =>
  `read_csv(${literal(file)}, header = true, ${columnsOption(names.length)}, ${options}${more})`;

const UNDERSCORE = 95;

async function hasUnderscore(file: string, { headerBytes }: CsvLayout): Promise<boolean> {
  for await (const bytes of chunksOf(file, headerBytes)) if (bytes.includes(UNDERSCORE)) return true;
  return false;
}

/** DuckDB's strict parser refuses a file of \n and \r\n, such as two files in one. Undefined for a file that is not of both. */
async function withUnixLines(file: string): Promise<string | undefined> {
  let wasReturn = false;
  let [unix, windows] = [0, 0];
  const unixFile = `${file}.unix`;
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const text = (wasReturn ? "\r" : "") + chunk.toString("latin1");
      wasReturn = text.endsWith("\r");
      const whole = wasReturn ? text.slice(0, -1) : text;
      const plain = whole.replaceAll("\r\n", "\n");
      windows += whole.length - plain.length;
      unix += plain.split("\n").length - 1;
      done(null, Buffer.from(plain, "latin1"));
    },
    flush: (done) => done(null, wasReturn ? Buffer.from("\r") : null),
  });
  await pipeline(createReadStream(file), counting, createWriteStream(unixFile));
  return windows > 0 && unix > windows ? unixFile : undefined;
}

/** Reads the file again, slowly, to say what is wrong with which line. */
async function whatIsWrong(
  connection: DuckDBConnection,
  file: string,
  path: string,
  layout: CsvLayout,
  error: Error,
): Promise<string> {
  const slowly = rowsOf(file, layout, ", parallel = false, store_rejects = true, rejects_limit = 1");
  try {
    await connection.run(`SELECT count(*) FROM ${slowly}`);
    const found = await connection.runAndReadAll(
      "SELECT error_type, line, error_message FROM reject_errors ORDER BY line",
    );
    const [first] = found.getRowObjectsJson();
    if (first)
      return `${path}:${first.line}: ${reasonOf(String(first.error_type), String(first.error_message), layout)}`;
  } catch {
    // What the first attempt said has to do.
  }
  const line = /^.*CSV Error on Line: (\d+)/.exec(error.message)?.[1];
  if (line !== undefined) return `${path}:${line}: ${reasonOf("", error.message, layout)}`;
  return `${path} cannot be read as CSV: ${error.message.split("\n")[0]}`;
}

function reasonOf(type: string, message: string, { names }: CsvLayout): string {
  const found = /Found: (\d+)/.exec(message)?.[1];
  if (found !== undefined) return `${found} values, the header has ${names.length} columns`;
  if (/unicode|encod/i.test(type) || /unicode|utf-?8/i.test(message)) return NOT_UTF8;
  if (/quote/i.test(type) || /quote/i.test(message)) return "a quote does not end, or stands where none may stand";
  return /line size/i.test(type) ? "the line is longer than 2 MB" : (message.split("\n")[0] ?? "");
}
