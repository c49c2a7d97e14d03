import type { Field } from "../field.ts";
import type { ClassName, Truth } from "../prediction.ts";
import type { Table } from "../table.ts";
import { ClassMap } from "./class-map.ts";
import type { RangedField } from "./column-types.ts";
import { shortened } from "./csv-layout.ts";
import { type DataFormat, DEFAULT_LABEL } from "./data-format.ts";
import { connect } from "./duckdb.ts";
import type { FileIdentity } from "./file-identity.ts";
import type { OpenedFile } from "./opened-file.ts";
import { copyPrivately } from "./private-copy.ts";
import { openCsv } from "./read-csv.ts";
import { openParquet } from "./read-parquet.ts";
import { emptyAt, type Fault, type TypedColumn } from "./typed-columns.ts";

export interface ReadOptions {
  /** Columns that must be there, and what they must hold. */
  readonly fields?: readonly Field[];
  /** The other columns: each must be of numbers, or each is carried as what it is. */
  readonly others: "numbers" | "any";
  readonly format?: DataFormat | undefined;
  /** Called with the file's identity before anything is said about its rows: an edited file is refused as that. Throws. */
  readonly verify: (identity: FileIdentity) => void;
}

/** A snapshot's rows and what is known of them. */
export interface LabelledTable {
  /** Without the label and the columns that the format ignores. */
  readonly table: Table;
  readonly truth: Extract<Truth, { kind: "classes" }>;
  /** Why a column that is carried is not one of numbers without a gap: `data.csv:17: column f3 is empty`. By the column's name. */
  readonly unfit: ReadonlyMap<string, string>;
}

/**
 * Reads a CSV file, a Parquet file or a folder of Parquet files. Types come from what is asked for; a cell that is none is refused with file, line (row of
 * Parquet), column and value.
 * @throws Error
 */
export async function readTable(path: string, options: ReadOptions): Promise<LabelledTable> {
  const { connection, folder, close } = await connect();
  try {
    const copy = await copyPrivately(path, folder);
    try {
      const rows = copy.unpack(options.format?.csv?.encoding).then(async ({ kind, files: [first = "", ...more] }) => {
        const opened =
          kind === "csv"
            ? await openCsv(connection, first, path, options.format ?? {})
            : await openParquet(connection, [first, ...more], path);
        return readOpened(opened, path, options);
      });
      // Both at once: hashing takes this thread, and reading others.
      const [identity, read] = await Promise.allSettled([copy.identity(), rows]);
      if (identity.status === "rejected") throw identity.reason;
      options.verify(identity.value);
      if (read.status === "rejected") throw read.reason;
      return read.value;
    } finally {
      await copy.remove();
    }
  } finally {
    close();
  }
}

type ColumnKind = OpenedFile["columns"][number]["kind"];

const ZERO_ONE: readonly ClassName[] = [0, 1];

async function readOpened(file: OpenedFile, path: string, options: ReadOptions): Promise<LabelledTable> {
  const { label = DEFAULT_LABEL, classes = ZERO_ONE, ignore = [] } = options.format ?? {};
  const columns = file.columns.filter(({ name }) => !ignore.includes(name));
  const names = columns.map(({ name }) => name);
  if (!names.includes(label))
    throw new Error(
      `${file.header}: there is no column "${label}": it has ${shortened(names.join(", "))}. Name the label's column with data.label`,
    );
  if (names.length < 2) throw new Error(`${file.header}: there is no feature beside "${label}"`);
  const asked = new Map((options.fields ?? []).map((field) => [field.name, field]));
  const absent = [...asked.keys()].filter((name) => !names.includes(name));
  if (absent.length > 0)
    throw new Error(`${file.header}: there is no column ${absent.join(", ")}: it has ${names.join(", ")}`);
  const numbersOnly = options.others === "numbers";
  const unfit = new Map<string, string>();
  const fields: Field[] = [labelField(label, classes, columns.find(({ name }) => name === label)?.kind)];
  for (const { name, kind, stored } of columns) {
    if (name === label) continue;
    const field = asked.get(name) ?? carried(name, numbersOnly ? "any" : kind);
    const isNoNumber = kind === "other" || (numbersOnly && (kind === "text" || kind === "time"));
    if (asked.has(name) || !isNoNumber) {
      fields.push(field);
      continue;
    }
    const reason = `${path}: column ${name} holds no numbers, it is ${stored}`;
    if (numbersOnly) throw new Error(`${reason}. Drop it with data.ignore`);
    unfit.set(name, reason);
  }
  const { columns: read, rows } = await file.read(fields);
  if (rows === 0) throw new Error(`${path} has a header but no rows`);
  const [labels, ...features] = read as [TypedColumn, ...TypedColumn[]];
  const truth = truthOf(labels, classes);
  const faults = features.flatMap(({ fault }) => (fault ? [fault] : []));
  const fatal = faults.filter(({ name }) => numbersOnly || asked.has(name));
  const first = [...("fault" in truth ? [truth.fault] : []), ...fatal].sort((a, b) => a.row - b.row)[0];
  if (first) throw new Error(`${await file.place(first.row)}: ${first.reason}${wayOut(first, label, asked)}`);
  for (const fault of faults) unfit.set(fault.name, `${await file.place(fault.row)}: ${fault.reason}`);
  for (const { field, column } of features)
    if (field.type !== "float64" && !asked.has(field.name) && !unfit.has(field.name))
      unfit.set(
        field.name,
        `${path}: column ${field.name} holds ${column.kind === "text" ? "texts" : "times"}, not numbers`,
      );
  const table = {
    rows,
    fields: features.map(({ field, column }) => actualField(field, column.kind)),
    columns: features.map(({ column }) => column),
  };
  return { table, truth: truth as LabelledTable["truth"], unfit };
}

/** Numbers where they can be; a CSV column turns out to be texts when it is read. */
const carried = (name: string, kind: ColumnKind): RangedField => ({
  name,
  // Today's models take float32: what overflows there would be judged and served as infinite.
  range: "float32",
  type: kind === "text" ? "string" : kind === "time" ? "datetime" : "float64",
  nullable: kind === "text" || kind === "time",
});

const actualField = ({ range: _, ...field }: RangedField, kind: "text" | "number"): Field =>
  kind === "text" && field.type !== "string" ? { ...field, type: "string", nullable: true } : field;

/** Whole numbers are read as such: 1 and 1.0 are then the same, and so are Parquet's true and 1. */
const labelField = (name: string, classes: readonly ClassName[], kind: ColumnKind | undefined): Field => ({
  name,
  type:
    kind !== "text" && classes.every((it) => Number.isInteger(it) && Math.abs(it as number) < 128) ? "int8" : "string",
  nullable: false,
});

function truthOf({ field, column, fault }: TypedColumn, classes: readonly ClassName[]) {
  const map = new ClassMap(classes);
  const wrong = (row: number, value: string): { readonly fault: Fault } => ({
    fault: {
      ...emptyAt(field.name, row),
      reason: `column ${field.name} must be ${classes.join(" or ")}, got "${value}"`,
    },
  });
  if (column.kind === "text") {
    const known = column.dictionary.map((text) => map.codeOf(text) ?? -1);
    const codes = column.codes.map((code) => known[code] ?? -1);
    const row = codes.indexOf(-1);
    if (row < 0) return { kind: "classes", classes, codes } as const;
    const text = column.dictionary[column.codes[row] as number];
    return text === undefined || text.trim() === "" ? { fault: emptyAt(field.name, row) } : wrong(row, text);
  }
  if (fault) return { fault };
  const { data, offset, stride } = column;
  const values = data as Int8Array;
  const known = Int8Array.from({ length: 256 }, (_, byte) => map.codeOf((byte << 24) >> 24) ?? -1);
  const codes = new Int32Array(values.length / stride);
  for (let row = 0; row < codes.length; row++) {
    const value = values[offset + row * stride] as number;
    const code = known[value & 255] as number;
    if (code < 0) return wrong(row, String(value));
    codes[row] = code;
  }
  return { kind: "classes", classes, codes } as const;
}

function wayOut({ name, reason }: Fault, label: string, asked: ReadonlyMap<string, Field>): string {
  if (name === label)
    return reason.endsWith("is empty") ? "" : ". Name the label's classes with data.classes and data.positive";
  if (asked.has(name)) return reason.endsWith("is empty") ? ": the model's signature does not make it optional" : "";
  return reason.endsWith("is empty")
    ? ": fill the gap, leave the row out, or drop the column with data.ignore"
    : ". If the model does not take the column, drop it with data.ignore";
}
