import type { Field } from "../field.ts";
import { insteadOf, listedNames } from "../near-name.ts";
import type { Truth } from "../prediction.ts";
import type { Table } from "../table.ts";
import type { RangedField } from "./column-types.ts";
import { type DataFormat, labelsOf } from "./data-format.ts";
import { LabelColumns, type LabelKind } from "./label-columns.ts";
import type { OpenedFile } from "./opened-file.ts";
import { weightField, weightsOf, weightWayOut } from "./row-weights.ts";
import type { Fault, TypedBatch, TypedColumn } from "./typed-columns.ts";

/** What to read from a file. */
export interface Wanted {
  /**
   * Required columns and their types; or, for a model without input names, a function that returns them for the names of the file's features, in
   * the file's order.
   */
  readonly fields?: readonly Field[] | ((names: readonly string[]) => readonly Field[]) | undefined;
  /** The other columns: each must be numeric, or each is carried with its own type, or none is read if some are required. */
  readonly others: "numbers" | "any" | "none";
  /** How to read the label; default "classes". */
  readonly label?: { readonly kind: LabelKind };
  readonly format?: DataFormat | undefined;
}

/** Some rows of a file. */
export interface LabelledRows {
  readonly table: Table;
  readonly truth: Truth | undefined;
  readonly weights?: Float64Array;
}

type FileColumn = OpenedFile["columns"][number];

/** Knows which columns of a file are label, weights and features, and builds tables from its rows. */
export class TablePlan {
  readonly #file: OpenedFile;
  readonly #path: string;
  readonly #numbersOnly: boolean;
  readonly #label: LabelColumns;
  readonly #weights: readonly RangedField[];
  readonly #asked: ReadonlyMap<string, Field>;
  #features: readonly RangedField[];
  /** Whether a row had a weight. */
  #hasWeight = false;
  /** Why a carried column is not numeric without gaps, by the column's name. */
  readonly unfit = new Map<string, string>();

  /** @param path named in errors @throws Error for a missing column, or one that cannot have the required type */
  constructor(file: OpenedFile, path: string, { format = {}, label, others, fields }: Wanted) {
    this.#file = file;
    this.#path = path;
    this.#numbersOnly = others === "numbers";
    const kinds = new Map(file.columns.map(({ name, kind }) => [name, kind]));
    this.#label = new LabelColumns(label?.kind ?? "classes", format, path, (name) => kinds.get(name) ?? "any");
    this.#weights = format.weights === undefined ? [] : [weightField(format.weights)];
    requireColumns(file, this.#label.fields, this.#weights, format);
    const taken = new Map([
      ...(format.ignore ?? []).map((name) => [name, "data.ignore"] as const),
      ...(format.id === undefined ? [] : [[format.id, "data.id"] as const]),
      ...labelsOf(format).map((name) => [name, "data.label"] as const),
      ...this.#weights.map(({ name }) => [name, "data.weights"] as const),
    ]);
    const columns = file.columns.filter(({ name }) => !taken.has(name));
    if (columns.length === 0)
      throw new Error(`${file.header}: there is no feature besides ${quoted(labelsOf(format))}`);
    this.#asked = askedFields(file.header, columns, taken, fields);
    const isRead = ({ name }: FileColumn) => others !== "none" || this.#asked.size === 0 || this.#asked.has(name);
    this.#features = columns.filter(isRead).flatMap((column) => this.#fieldOf(column) ?? []);
  }

  #fieldOf({ name, kind, stored }: FileColumn): RangedField | undefined {
    const asked = this.#asked.get(name);
    if (asked) return asked;
    const isNumber = kind === "number" || kind === "any";
    if (kind !== "other" && (isNumber || !this.#numbersOnly))
      return { ...carried(name, kind), ...(kind === "any" && !this.#numbersOnly && { mayBeText: true }) };
    const reason = `${this.#path}: column ${name} holds no numbers, it is ${stored}`;
    if (this.#numbersOnly) throw new Error(`${reason}. Drop it with data.ignore`);
    this.unfit.set(name, reason);
    return undefined;
  }

  /** Columns to read, in the order in which `table` takes them. */
  get fields(): readonly RangedField[] {
    return [...this.#label.fields, ...this.#weights, ...this.#features];
  }

  /** Reads the file once for what only its last row settles, before reading in batches: the classes, and whether a CSV column is text. */
  async survey(most: number): Promise<void> {
    const kinds = new Map(this.#file.columns.map(({ name, kind }) => [name, kind]));
    const carried = this.#numbersOnly
      ? []
      : this.#features.filter(({ name }) => kinds.get(name) === "any" && !this.#asked.has(name));
    const labels = this.#label.isOpen ? this.#label.fields : [];
    if (carried.length + labels.length === 0) return;
    const texts = new Map<string, string>();
    let start = 0;
    for await (const { columns, rows } of this.#file.read([...labels, ...carried], most)) {
      if (labels.length > 0) this.#label.meet(columns[0] as TypedColumn);
      for (const { field, column, fault } of columns.slice(labels.length))
        if (fault && column.kind === "text" && !texts.has(field.name))
          texts.set(field.name, await this.#told(fault, start));
      start += rows;
    }
    this.#label.settle();
    for (const [name, reason] of texts) this.unfit.set(name, reason);
    this.#features = this.#features.map((field) =>
      texts.has(field.name) ? { name: field.name, type: "string", nullable: true } : field,
    );
  }

  /** Builds a table from rows. @param start their first row in the file @throws Error for the first cell of another type */
  async table({ columns, rows }: TypedBatch, start: number): Promise<LabelledRows> {
    const labels = this.#label.fields.length;
    const features = columns.slice(labels + this.#weights.length);
    const truth = this.#label.truthOf(columns.slice(0, labels), rows);
    const weights = this.#weights.length > 0 ? weightsOf(columns[labels] as TypedColumn) : undefined;
    const faults = features.flatMap(({ fault }) => fault ?? []);
    const fatal = [
      ...("fault" in truth ? [{ ...truth.fault, way: this.#label.wayOut(truth.fault) }] : []),
      ...(weights && "reason" in weights ? [{ ...weights, way: weightWayOut(weights) }] : []),
      ...faults
        .filter(({ name }) => this.#numbersOnly || this.#asked.has(name))
        .map((fault) => ({ ...fault, way: wayOut(fault, this.#asked) })),
    ];
    const first = fatal.sort((a, b) => a.row - b.row)[0];
    if (first) throw new Error(`${await this.#told(first, start)}${first.way}`);
    for (const fault of faults)
      if (!this.unfit.has(fault.name)) this.unfit.set(fault.name, await this.#told(fault, start));
    for (const { field, column } of features)
      if (field.type !== "float64" && !this.#asked.has(field.name) && !this.unfit.has(field.name))
        this.unfit.set(
          field.name,
          `${this.#path}: column ${field.name} holds ${column.kind === "text" ? "texts" : "times"}, not numbers`,
        );
    const table = {
      rows,
      fields: features.map(({ field, column }) => actualField(field, column.kind)),
      columns: features.map(({ column }) => column),
    };
    const known = truth as { readonly truth: Truth | undefined };
    if (!(weights instanceof Float64Array)) return { table, ...known };
    this.#hasWeight ||= weights.some((it) => it !== 0);
    return { table, ...known, weights };
  }

  /** Rejects faults that only the end of the file shows. @param rows of the whole file */
  end(rows: number): void {
    if (rows === 0)
      throw new Error(`${this.#path} has ${this.#file.header === this.#path ? "columns" : "a header"} but no rows`);
    const [weights] = this.#weights;
    if (weights && !this.#hasWeight)
      throw new Error(`${this.#path}: column ${weights.name} is 0 in every row: at least one row needs a weight`);
  }

  async #told({ row, reason }: Fault, start: number): Promise<string> {
    return `${await this.#file.place(start + row)}: ${reason}`;
  }
}

/** @throws Error for a missing column of the label or the weights */
function requireColumns(
  { columns, header }: OpenedFile,
  labels: readonly Field[],
  weights: readonly Field[],
  { ignore = [] }: DataFormat,
): void {
  const has = columns.map(({ name }) => name).filter((name) => !ignore.includes(name));
  const comments = columns[0]?.name.startsWith("#")
    ? `. If lines that begin with # are comments, set data.csv.comment to "#"`
    : "";
  for (const { name } of [...labels, ...weights]) {
    const way = labels.some((label) => label.name === name)
      ? "Name the label's column with data.label"
      : "Name the column of the weights with data.weights";
    if (ignore.includes(name)) throw new Error(`${header}: there is no column "${name}": data.ignore drops it. ${way}`);
    if (!columns.some((column) => column.name === name))
      throw new Error(`${header}: there is no column "${name}": ${insteadOf([name], has)}. ${way}${comments}`);
  }
}

/** @param taken config keys that exclude a column, by its name @throws Error for a field that the table does not have */
function askedFields(
  header: string,
  columns: OpenedFile["columns"],
  taken: ReadonlyMap<string, string>,
  fields: Wanted["fields"] = [],
): ReadonlyMap<string, Field> {
  const names = columns.map(({ name }) => name);
  const asked = new Map((typeof fields === "function" ? fields(names) : fields).map((field) => [field.name, field]));
  const absent = [...asked.keys()].filter((name) => !names.includes(name));
  const lost = absent.find((name) => taken.has(name));
  if (lost !== undefined)
    throw new Error(`${header}: the model requires the column ${lost}, but ${taken.get(lost)} excludes it`);
  if (absent.length > 0)
    throw new Error(`${header}: there is no column ${listedNames(absent)}: ${insteadOf(absent, names)}`);
  return asked;
}

const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(", ");

/** Numbers if possible; whether a CSV column is text shows only when it is read. */
const carried = (name: string, kind: FileColumn["kind"]): RangedField => ({
  name,
  // The model takes float32: a value that overflows it would be judged and served as infinite.
  range: "float32",
  type: kind === "text" ? "string" : kind === "time" ? "datetime" : "float64",
  nullable: kind === "text" || kind === "time",
});

const actualField = ({ range: _, mayBeText: __, ...field }: RangedField, kind: "text" | "number"): Field =>
  kind === "text" && field.type !== "string" ? { ...field, type: "string", nullable: true } : field;

const NOT_OPTIONAL =
  ": the model's signature does not make it optional. Fill the gap, remove the row, or log the model with infer_signature on rows that lack a value";

function wayOut({ name, reason }: Fault, asked: ReadonlyMap<string, Field>): string {
  if (asked.has(name)) return reason.endsWith("is empty") ? NOT_OPTIONAL : "";
  return reason.endsWith("is empty")
    ? ": fill the gap, remove the row, or drop the column with data.ignore"
    : ". If the model does not take the column, drop it with data.ignore";
}
