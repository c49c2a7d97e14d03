import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isShaped } from "../field.ts";
import { isFloatType } from "../number-array.ts";
import { castText } from "./cast-sql.ts";
import type { RangedField } from "./column-types.ts";
import { type CsvLayout, columnsOption, csvLayout, NOT_UTF8 } from "./csv-layout.ts";
import type { DataFormat } from "./data-format.ts";
import { literal, type Session } from "./duckdb.ts";
import { chunksOf } from "./file-identity.ts";
import { lineOfRow } from "./line-of-row.ts";
import type { OpenedFile } from "./opened-file.ts";
import { type Source, typedBatches } from "./typed-columns.ts";
import { lineNotUtf8 } from "./utf8.ts";

function unnamedRemedy(names: readonly string[], unnamed: number): string {
  if (names[0]?.toLowerCase() === "sep=") return ': remove the line "sep=", which only Excel reads';
  return unnamed === 0 ? ": write the file without pandas' index (index=False)" : "";
}

/**
 * Opens a CSV file.
 * @param file in UTF-8
 * @param path named in errors
 */
export async function openCsv(session: Session, file: string, path: string, format: DataFormat): Promise<OpenedFile> {
  const wrongLine = await lineNotUtf8(file);
  if (wrongLine !== undefined) throw new Error(`${path}:${wrongLine}: ${NOT_UTF8}`);
  const layout = await csvLayout(session, file, path, format);
  if (!layout) throw new Error(`${path} is empty: it must have a header and rows`);
  const { names, headerLine } = layout;
  const unnamed = names.findIndex((name) => name.trim() === "");
  if (unnamed >= 0)
    throw new Error(`${path}:${headerLine}: column ${unnamed + 1} has no name${unnamedRemedy(names, unnamed)}`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${path}:${headerLine}: the header has column "${twice}" twice`);
  const decimal = format.csv?.decimal ?? ".";
  let groups: Promise<boolean> | undefined;
  /** Options of read_csv for very long lines; empty until they are needed. */
  let longLines = "";
  const indexes = new Map(names.map((name, index) => [name, index]));
  return {
    columns: names.map((name) => ({ name, kind: "any" })),
    header: `${path}:${headerLine}`,
    likelyRows: layout?.likelyRows,
    async locate(row) {
      return `${path}:${await lineOfRow(file, layout, row)}`;
    },
    async *read(fields, most) {
      const texts = await textColumns(fields);
      let skip = 0;
      let failure: unknown;
      for (const attempt of [quickly, slowly, withLongLines, withUnixLineEnds]) {
        const source = await attempt(fields, texts, failure);
        if (!source) continue;
        try {
          for await (const batch of typedBatches(session, source, { skip, most })) {
            // Checked here, because the database reads on meanwhile.
            if (attempt === quickly && (await hasUnderscore())) break;
            yield batch;
            skip += batch.rows;
          }
          if (attempt === quickly && (await hasUnderscore())) continue;
          return;
        } catch (error) {
          // The attempt with Unix line ends reads another file, and its error is less specific.
          if (attempt !== withUnixLineEnds) failure = error;
        }
      }
      throw await refusal(failure);
    },
  };

  /** Returns the columns of unknown type that have other values than numbers in the first rows. They are read as text from the start. */
  async function textColumns(fields: readonly RangedField[]): Promise<ReadonlySet<string>> {
    const unknown = fields.filter(({ mayBeText }) => mayBeText);
    if (unknown.length === 0) return new Set();
    const tests = unknown.map(({ name }) => {
      const text = `c${indexes.get(name)}`;
      return `bool_or(trim(${text}) <> '' AND (${castText("float64", text, decimal, true)}) IS NULL)`;
    });
    const rows = rowsOf(file, layout as CsvLayout);
    const [found = []] = await session
      .texts(`SELECT ${tests.join(", ")} FROM (SELECT * FROM ${rows} LIMIT ${SAMPLE_ROWS})`)
      // The main read reports the error.
      .catch(() => []);
    return new Set(unknown.filter((_, index) => found[index] === "true").map(({ name }) => name));
  }

  /** Lets DuckDB's parser convert the numbers, which takes a third less time. A single invalid cell fails the whole read. */
  async function quickly(fields: readonly RangedField[], texts: ReadonlySet<string>): Promise<Source | undefined> {
    if (decimal !== "." || (layout as CsvLayout).startsWithGroups) return undefined;
    const doubles = new Set(
      fields.flatMap((field) =>
        isFloatType(field.type) && !isShaped(field) && !texts.has(field.name) ? (indexes.get(field.name) ?? []) : [],
      ),
    );
    return doubles.size > 0 ? sourceOf(fields, { texts, doubles, hasGroups: false }) : undefined;
  }

  async function slowly(fields: readonly RangedField[], texts: ReadonlySet<string>): Promise<Source> {
    return sourceOf(fields, { texts, hasGroups: await hasUnderscore() });
  }

  /** Raises the limit on the length of a line. Not the default, because DuckDB reserves memory for the longest possible line. */
  async function withLongLines(
    fields: readonly RangedField[],
    texts: ReadonlySet<string>,
    failure: unknown,
  ): Promise<Source | undefined> {
    // The second pattern is the parallel reader's error for a line longer than its buffer.
    if (!/maximum line size|parallel = false/i.test(`${failure}`)) return undefined;
    longLines = `, parallel = false, max_line_size = ${Math.min((await stat(file)).size + 1, MAX_LINE_BYTES)}`;
    return slowly(fields, texts);
  }

  async function withUnixLineEnds(
    fields: readonly RangedField[],
    texts: ReadonlySet<string>,
  ): Promise<Source | undefined> {
    const from = await withUnixLines(file);
    return from === undefined ? undefined : sourceOf(fields, { texts, from, hasGroups: await hasUnderscore() });
  }

  function sourceOf(
    fields: readonly RangedField[],
    { texts, doubles = new Set(), hasGroups, from = file }: ReadMode,
  ): Source {
    const rows = (these: ReadonlySet<number>) => rowsOf(from, layout as CsvLayout, { doubles: these, more: longLines });
    const columns = fields.map((field) => {
      const index = indexes.get(field.name) ?? 0;
      const text = `c${index}`;
      const isPlain = doubles.has(index) || isShaped(field) || texts.has(field.name);
      const sql = isPlain ? text : castText(field.type, text, decimal, hasGroups);
      return { field, text, sql, asText: texts.has(field.name) };
    });
    return { from: rows(doubles), textFrom: rows(new Set()), decimal, columns, likelyRows: layout?.likelyRows };
  }

  function hasUnderscore(): Promise<boolean> {
    groups ??= layout?.startsWithGroups ? Promise.resolve(true) : hasUnderscoreIn(file, layout as CsvLayout);
    return groups;
  }

  async function refusal(error: unknown): Promise<Error> {
    // Omits the cause, which quotes whole lines of the data.
    return new Error(await diagnose(session, { file, path, longLines }, layout as CsvLayout, error as Error));
  }
}

const SAMPLE_ROWS = 1_000;
/** A line must fit in JavaScript's longest string. */
const MAX_LINE_BYTES = 256e6;

/** How to read the columns. */
interface ReadMode {
  /** Names of columns to read as text, regardless of their field. */
  readonly texts: ReadonlySet<string>;
  /** Indexes of columns that DuckDB's parser converts to numbers. */
  readonly doubles?: ReadonlySet<number>;
  readonly hasGroups: boolean;
  readonly from?: string;
}

const rowsOf = (
  file: string,
  { names, options }: CsvLayout,
  { doubles, more = "" }: { readonly doubles?: ReadonlySet<number>; readonly more?: string } = {},
) => `read_csv(${literal(file)}, header = true, ${columnsOption(names.length, doubles)}, ${options}${more})`;

const UNDERSCORE = 95;

async function hasUnderscoreIn(file: string, { headerBytes }: CsvLayout): Promise<boolean> {
  for await (const bytes of chunksOf(file, headerBytes)) if (bytes.includes(UNDERSCORE)) return true;
  return false;
}

/** Rewrites a file that mixes \n and \r\n, such as two concatenated files: DuckDB's strict parser rejects it. Returns undefined for any other file. */
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

/** Reads the file again, slowly, to find the invalid line. */
async function diagnose(
  session: Session,
  { file, path, longLines }: { readonly file: string; readonly path: string; readonly longLines: string },
  layout: CsvLayout,
  error: Error,
): Promise<string> {
  const slowly = rowsOf(file, layout, {
    more: `${longLines || ", parallel = false"}, store_rejects = true, rejects_limit = 1`,
  });
  try {
    await session.run(`SELECT count(*) FROM ${slowly}`);
    const [first] = await session.texts(
      "SELECT error_type, line, error_message FROM reject_errors ORDER BY line LIMIT 1",
    );
    if (first) {
      const [type, line, message] = first;
      return `${path}:${line}: ${reasonOf(String(type), String(message), layout)}`;
    }
  } catch {
    // Falls back to the first attempt's error.
  }
  const line = /^.*CSV Error on Line: (\d+)/.exec(error.message)?.[1];
  if (line !== undefined) return `${path}:${line}: ${reasonOf("", error.message, layout)}`;
  return `${path} cannot be read as CSV: ${error.message.split("\n")[0]}`;
}

function reasonOf(type: string, message: string, { names }: CsvLayout): string {
  const found = /Found: (\d+)/.exec(message)?.[1];
  if (found !== undefined) return `${found} values, the header has ${names.length} columns`;
  if (/unicode|encod/i.test(type) || /unicode|utf-?8/i.test(message)) return NOT_UTF8;
  if (/quote/i.test(type) || /quote/i.test(message)) return "a quote is not closed, or is where quotes are not allowed";
  return /line size/i.test(type) ? "the line is longer than 256 MB" : (message.split("\n")[0] ?? "");
}
