import { open, writeFile } from "node:fs/promises";
import { shortened } from "../near-name.ts";
import type { DataFormat } from "./data-format.ts";
import { literal, type Session } from "./duckdb.ts";

/** Layout of a CSV file. */
export interface CsvLayout {
  /** Exactly as in the file, including spaces, as pandas reads them; in the file's order. */
  readonly names: readonly string[];
  /** Line of the header, from 1. */
  readonly headerLine: number;
  /** Upper bound of the bytes before the first row. */
  readonly headerBytes: number;
  /** Options of DuckDB's read_csv. */
  readonly options: string;
  readonly separator: string;
  readonly quote: string;
  readonly comment: string | undefined;
  /** Row count of a large file, estimated from its first lines. */
  readonly likelyRows: number | undefined;
  /** Whether the start of the file contains a `_`. */
  readonly startsWithGroups: boolean;
}

const SEPARATORS = [",", ";", "\t", "|"] as const;
/** Maximum length of a header line, bytes. */
const HEADER_BYTES = 1 << 20;
const DEFAULT_QUOTE = '"';

/**
 * Finds the header and the separator. Unless the format sets a separator, it is the character that splits the header into the most cells, outside
 * quotes.
 * @param file in UTF-8
 * @param path named in errors
 * @returns undefined for an empty file
 */
export async function csvLayout(
  session: Session,
  file: string,
  path: string,
  { csv = {}, missing = [] }: DataFormat,
): Promise<CsvLayout | undefined> {
  const { quote = DEFAULT_QUOTE, comment, separator: named } = csv;
  const start = await firstText(file);
  const found = headerOf(start.text, quote, comment);
  if (!found) return undefined;
  const { text, line } = found;
  if (text.includes("\uFFFD")) throw new Error(`${path}:${line}: ${NOT_UTF8}`);
  const counts = countOutside(text, quote, named === undefined ? SEPARATORS : [named]);
  const separator =
    named ?? SEPARATORS.reduce((best, next) => ((counts.get(next) ?? 0) > (counts.get(best) ?? 0) ? next : best));
  const optionsWith = (nulls: readonly string[]) =>
    [
      `auto_detect = false, delim = ${literal(separator)}, quote = ${literal(quote)}, escape = ${literal(quote)}`,
      `nullstr = [${["", ...nulls].map(literal).join(", ")}]`,
      ...(comment === undefined ? [] : [`comment = ${literal(comment)}`]),
    ].join(", ");
  // DuckDB reads the names as a row, from a file of their own: in a header, it would rename duplicates.
  const head = `${file}.header`;
  await writeFile(head, `${text}\n`);
  const width = (counts.get(separator) ?? 0) + 1;
  const [row = []] = await session
    .texts(`SELECT * FROM read_csv(${literal(head)}, header = false, ${columnsOption(width)}, ${optionsWith([])})`)
    .catch(() => {
      throw new Error(`${path}:${line}: the header is not a line of column names: ${shortened(text)}`);
    });
  const names = row.map((name) => name ?? "");
  return {
    names,
    headerLine: line,
    headerBytes: found.bytes,
    options: optionsWith(missing),
    separator,
    quote,
    comment,
    likelyRows: likelyRows(start),
    startsWithGroups: start.text.includes("_", found.end),
  };
}

export const NOT_UTF8 = "the line is not UTF-8: set data.csv.encoding to the file's encoding, such as latin-1";

/**
 * Returns the option that names the columns c0, c1, …, so that no name in a header can be mistaken for SQL.
 * @param doubles columns to read as numbers; all others are read as text
 */
export const columnsOption = (width: number, doubles: ReadonlySet<number> = new Set()): string =>
  `columns = {${Array.from({ length: width }, (_, index) => `c${index}: '${doubles.has(index) ? "DOUBLE" : "VARCHAR"}'`).join(", ")}}`;

interface FileStart {
  readonly text: string;
  /** Bytes of the text, and of the whole file. */
  readonly bytes: number;
  readonly size: number;
}

function likelyRows({ text, bytes, size }: FileStart): number | undefined {
  if (bytes === size) return undefined;
  const lines = text.split("\n").length;
  return Math.ceil((size / bytes) * lines * 1.02);
}

async function firstText(file: string): Promise<FileStart> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    const { size } = await handle.stat();
    return { text: buffer.toString("utf8", 0, bytesRead).replace(/^\uFEFF/, ""), bytes: bytesRead, size };
  } finally {
    await handle.close();
  }
}

/** Finds the first record that is neither blank nor a comment. A record ends at a line end outside quotes. */
function headerOf(text: string, quote: string, comment: string | undefined) {
  let line = 1;
  let start = 0;
  while (start < text.length) {
    const end = recordEnd(text, start, quote, comment);
    const record = comment === undefined ? text.slice(start, end) : beforeComment(text, start, end, quote, comment);
    if (record.trim() !== "") return { text: record, line, end, bytes: Buffer.byteLength(text.slice(0, end)) };
    line += 1;
    start = end + (text.startsWith("\r\n", end) ? 2 : 1);
  }
  return undefined;
}

function recordEnd(text: string, start: number, quote: string, comment: string | undefined): number {
  let [isQuoted, isComment] = [false, false];
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (!isQuoted && character === comment) isComment = true;
    if (character === quote && !isComment) isQuoted = !isQuoted;
    else if (!isQuoted && (character === "\n" || character === "\r")) return at;
  }
  return text.length;
}

function beforeComment(text: string, start: number, end: number, quote: string, comment: string): string {
  let isQuoted = false;
  for (let at = start; at < end; at++) {
    if (text[at] === quote) isQuoted = !isQuoted;
    else if (!isQuoted && text[at] === comment) return text.slice(start, at);
  }
  return text.slice(start, end);
}

function countOutside(text: string, quote: string, separators: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  let isQuoted = false;
  for (const character of text) {
    if (character === quote) isQuoted = !isQuoted;
    else if (!isQuoted && separators.includes(character)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  return counts;
}
