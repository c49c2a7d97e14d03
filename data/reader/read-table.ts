import type { Field } from "../field.ts";
import type { Table } from "../table.ts";
import type { RangedField } from "./column-types.ts";
import { shortened } from "./csv-layout.ts";
import { type DataFormat, labelsOf } from "./data-format.ts";
import { connect } from "./duckdb.ts";
import type { FileIdentity } from "./file-identity.ts";
import { LabelColumns, type LabelKind, type TruthOf } from "./label-columns.ts";
import type { OpenedFile } from "./opened-file.ts";
import { copyPrivately } from "./private-copy.ts";
import { openCsv } from "./read-csv.ts";
import { openParquet } from "./read-parquet.ts";
import { weightField, weightsOf, weightWayOut } from "./row-weights.ts";
import type { Fault, TypedColumn } from "./typed-columns.ts";

export interface ReadOptions<Kind extends LabelKind = "classes"> {
  /**
   * Columns that must be there, and what they must hold; or a function that gives them for the names of the file's features, in its order, for a model that
   * names no inputs.
   */
  readonly fields?: readonly Field[] | ((names: readonly string[]) => readonly Field[]) | undefined;
  /** The other columns: each must be of numbers, or each is carried as what it is. */
  readonly others: "numbers" | "any";
  /** What the label is read as; "classes" without it. */
  readonly label?: { readonly kind: Kind };
  readonly format?: DataFormat | undefined;
  /** Called with the file's identity before anything is said about its rows: an edited file is refused as that. Throws. */
  readonly verify: (identity: FileIdentity) => void;
}

/** A snapshot's rows and what is known of them. */
export interface LabelledTable<Kind extends LabelKind = "classes"> {
  /** Without the label, the weights and the columns that the format ignores. */
  readonly table: Table;
  readonly truth: TruthOf<Kind>;
  /** One a row, where the format names their column. */
  readonly weights?: Float64Array;
  /** Why a column that is carried is not one of numbers without a gap: `data.csv:17: column f3 is empty`. By the column's name. */
  readonly unfit: ReadonlyMap<string, string>;
}

/**
 * Reads a CSV file, a Parquet file or a folder of Parquet files. Types come from what is asked for; a cell that is none is refused with file, line (row of
 * Parquet), column and value.
 * @throws Error
 */
export async function readTable<Kind extends LabelKind = "classes">(
  path: string,
  options: ReadOptions<Kind>,
): Promise<LabelledTable<Kind>> {
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

async function readOpened<Kind extends LabelKind>(
  file: OpenedFile,
  path: string,
  options: ReadOptions<Kind>,
): Promise<LabelledTable<Kind>> {
  const { format = {} } = options;
  const label = new LabelColumns(options.label?.kind ?? "classes", format, path);
  const names = file.columns.map(({ name }) => name);
  const labels = label.fields((name) => file.columns[names.indexOf(name)]?.kind ?? "any");
  const weights = format.weights === undefined ? [] : [weightField(format.weights)];
  requireColumns(file, labels, weights, format);
  const taken = new Map([
    ...(format.ignore ?? []).map((name) => [name, "data.ignore"] as const),
    ...labelsOf(format).map((name) => [name, "data.label"] as const),
    ...weights.map(({ name }) => [name, "data.weights"] as const),
  ]);
  const columns = file.columns.filter(({ name }) => !taken.has(name));
  if (columns.length === 0) throw new Error(`${file.header}: there is no feature beside ${quoted(labelsOf(format))}`);
  const asked = askedFields(file.header, columns, taken, options.fields);
  const numbersOnly = options.others === "numbers";
  const unfit = new Map<string, string>();
  const fields: RangedField[] = [];
  for (const { name, kind, stored } of columns) {
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
  const { columns: read, rows } = await file.read([...labels, ...weights, ...fields]);
  if (rows === 0) throw new Error(`${path} has a header but no rows`);
  const features = read.slice(labels.length + weights.length);
  const truth = label.truthOf(read.slice(0, labels.length), rows);
  const weight = weights.length > 0 ? weightsOf(read[labels.length] as TypedColumn) : undefined;
  const faults = features.flatMap(({ fault }) => fault ?? []);
  const fatal = [
    ...("fault" in truth ? [{ ...truth.fault, wayOut: label.wayOut(truth.fault) }] : []),
    ...(weight && "reason" in weight ? [{ ...weight, wayOut: weightWayOut(weight) }] : []),
    ...faults
      .filter(({ name }) => numbersOnly || asked.has(name))
      .map((fault) => ({ ...fault, wayOut: wayOut(fault, asked) })),
  ];
  const first = fatal.sort((a, b) => a.row - b.row)[0];
  if (first) throw new Error(`${await file.place(first.row)}: ${first.reason}${first.wayOut}`);
  if (weight instanceof Float64Array && weight.every((it) => it === 0))
    throw new Error(`${path}: column ${format.weights} is 0 in every row: at least one row needs a weight`);
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
  const known = (truth as { readonly truth: TruthOf<Kind> }).truth;
  return { table, truth: known, unfit, ...(weight instanceof Float64Array && { weights: weight }) };
}

/** @throws Error for a column of the label or the weights that is not there */
function requireColumns(
  { columns, header }: OpenedFile,
  labels: readonly Field[],
  weights: readonly Field[],
  { ignore = [] }: DataFormat,
): void {
  const has = shortened(
    columns
      .map(({ name }) => name)
      .filter((name) => !ignore.includes(name))
      .join(", "),
  );
  for (const { name } of [...labels, ...weights]) {
    const way = labels.some((label) => label.name === name)
      ? "Name the label's column with data.label"
      : "Name the column of the weights with data.weights";
    if (ignore.includes(name)) throw new Error(`${header}: there is no column "${name}": data.ignore drops it. ${way}`);
    if (!columns.some((column) => column.name === name))
      throw new Error(`${header}: there is no column "${name}": it has ${has}. ${way}`);
  }
}

/** @param taken keys of the config that take a column out, by its name @throws Error for a field that the table does not have */
function askedFields(
  header: string,
  columns: OpenedFile["columns"],
  taken: ReadonlyMap<string, string>,
  fields: ReadOptions["fields"] = [],
): ReadonlyMap<string, Field> {
  const names = columns.map(({ name }) => name);
  const asked = new Map((typeof fields === "function" ? fields(names) : fields).map((field) => [field.name, field]));
  const absent = [...asked.keys()].filter((name) => !names.includes(name));
  const lost = absent.find((name) => taken.has(name));
  if (lost !== undefined)
    throw new Error(`${header}: the model takes the column ${lost}, and ${taken.get(lost)} takes it out`);
  if (absent.length > 0)
    throw new Error(`${header}: there is no column ${absent.join(", ")}: it has ${names.join(", ")}`);
  return asked;
}

const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(", ");

/** Numbers where they can be; a CSV column turns out to be texts when it is read. */
const carried = (name: string, kind: OpenedFile["columns"][number]["kind"]): RangedField => ({
  name,
  // Today's models take float32: what overflows there would be judged and served as infinite.
  range: "float32",
  type: kind === "text" ? "string" : kind === "time" ? "datetime" : "float64",
  nullable: kind === "text" || kind === "time",
});

const actualField = ({ range: _, ...field }: RangedField, kind: "text" | "number"): Field =>
  kind === "text" && field.type !== "string" ? { ...field, type: "string", nullable: true } : field;

function wayOut({ name, reason }: Fault, asked: ReadonlyMap<string, Field>): string {
  if (asked.has(name)) return reason.endsWith("is empty") ? ": the model's signature does not make it optional" : "";
  return reason.endsWith("is empty")
    ? ": fill the gap, leave the row out, or drop the column with data.ignore"
    : ". If the model does not take the column, drop it with data.ignore";
}
