import type { Field } from "../field.ts";
import { insteadOf, listedNames } from "../near-name.ts";
import type { Truth } from "../prediction.ts";
import type { Table } from "../table.ts";
import type { RangedField } from "./column-types.ts";
import { type DataFormat, labelsOf } from "./data-format.ts";
import { LabelColumns, type LabelKind } from "./label-columns.ts";
import type { OpenedFile } from "./opened-file.ts";
import { weightField, weightRemedy, weightsOf } from "./row-weights.ts";
import type { Fault, TypedBatch, TypedColumn } from "./typed-columns.ts";

/** What to read from a file. */
export interface Wanted {
  /**
   * Required columns and their types. For a model without input names, a function that maps the names of the file's features, in the file's order, to
   * fields.
   */
  readonly fields?: readonly Field[] | ((names: readonly string[]) => readonly Field[]) | undefined;
  /** Additional columns: "numbers" requires each to be numeric, "any" keeps each with its own type, "none" skips them if `fields` requires any. */
  readonly others: "numbers" | "any" | "none";
  /** Default: "classes". */
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

/** Divides a file's columns into label, weights and features, and builds tables from its rows. */
export class TablePlan {
  readonly #file: OpenedFile;
  readonly #path: string;
  readonly #numbersOnly: boolean;
  readonly #label: LabelColumns;
  readonly #weights: readonly RangedField[];
  readonly #required: ReadonlyMap<string, Field>;
  #features: readonly RangedField[];
  /** Whether any row so far has a weight other than 0. */
  #hasWeight = false;
  /** By the name of each additional column that is not numeric or has missing values: the reason. */
  readonly unfit = new Map<string, string>();

  /** @param path named in errors @throws Error for an absent column, or one that cannot be read as the required type */
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
    this.#required = requiredFields(file.header, columns, taken, fields);
    const isRead = ({ name }: FileColumn) => others !== "none" || this.#required.size === 0 || this.#required.has(name);
    this.#features = columns.filter(isRead).flatMap((column) => this.#fieldOf(column) ?? []);
  }

  #fieldOf({ name, kind, stored }: FileColumn): RangedField | undefined {
    const required = this.#required.get(name);
    if (required) return required;
    const isNumber = kind === "number" || kind === "any";
    if (kind !== "other" && (isNumber || !this.#numbersOnly))
      return { ...additional(name, kind), ...(kind === "any" && !this.#numbersOnly && { mayBeText: true }) };
    const reason = `${this.#path}: column ${name} is ${stored}, not numeric`;
    if (this.#numbersOnly) throw new Error(`${reason}. Drop it with data.ignore`);
    this.unfit.set(name, reason);
    return undefined;
  }

  /** Columns to read, in the order that `table` expects. */
  get fields(): readonly RangedField[] {
    return [...this.#label.fields, ...this.#weights, ...this.#features];
  }

  /** Reads the whole file once, before it is read in batches, to determine the classes and which CSV columns are text. */
  async survey(most: number): Promise<void> {
    const kinds = new Map(this.#file.columns.map(({ name, kind }) => [name, kind]));
    const untyped = this.#numbersOnly
      ? []
      : this.#features.filter(({ name }) => kinds.get(name) === "any" && !this.#required.has(name));
    const labels = this.#label.isOpen ? this.#label.fields : [];
    if (untyped.length + labels.length === 0) return;
    const texts = new Map<string, string>();
    let start = 0;
    for await (const { columns, rows } of this.#file.read([...labels, ...untyped], most)) {
      if (labels.length > 0) this.#label.survey(columns[0] as TypedColumn);
      for (const { field, column, fault } of columns.slice(labels.length))
        if (fault && column.kind === "text" && !texts.has(field.name))
          texts.set(field.name, await this.#locatedFault(fault, start));
      start += rows;
    }
    this.#label.endSurvey();
    for (const [name, reason] of texts) this.unfit.set(name, reason);
    this.#features = this.#features.map((field) =>
      texts.has(field.name) ? { name: field.name, type: "string", nullable: true } : field,
    );
  }

  /** Builds a table from rows. @param start index of the first row in the file @throws Error for the first invalid cell */
  async table({ columns, rows }: TypedBatch, start: number): Promise<LabelledRows> {
    const labels = this.#label.fields.length;
    const features = columns.slice(labels + this.#weights.length);
    const truth = this.#label.truthOf(columns.slice(0, labels), rows);
    const weights = this.#weights.length > 0 ? weightsOf(columns[labels] as TypedColumn) : undefined;
    const faults = features.flatMap(({ fault }) => fault ?? []);
    const fatal = [
      ...("fault" in truth ? [{ ...truth.fault, remedy: this.#label.remedy(truth.fault) }] : []),
      ...(weights && "reason" in weights ? [{ ...weights, remedy: weightRemedy(weights) }] : []),
      ...faults
        .filter(({ name }) => this.#numbersOnly || this.#required.has(name))
        .map((fault) => ({ ...fault, remedy: remedy(fault, this.#required) })),
    ];
    const first = fatal.sort((a, b) => a.row - b.row)[0];
    if (first) throw new Error(`${await this.#locatedFault(first, start)}${first.remedy}`);
    for (const fault of faults)
      if (!this.unfit.has(fault.name)) this.unfit.set(fault.name, await this.#locatedFault(fault, start));
    for (const { field, column } of features)
      if (field.type !== "float64" && !this.#required.has(field.name) && !this.unfit.has(field.name))
        this.unfit.set(
          field.name,
          `${this.#path}: column ${field.name} contains ${column.kind === "text" ? "strings" : "times"}, not numbers`,
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

  /** Checks the file as a whole, after its last row. @param rows of the whole file */
  end(rows: number): void {
    if (rows === 0)
      throw new Error(`${this.#path} has ${this.#file.header === this.#path ? "columns" : "a header"} but no rows`);
    const [weights] = this.#weights;
    if (weights && !this.#hasWeight)
      throw new Error(`${this.#path}: column ${weights.name} is 0 in every row: at least one row needs a weight`);
  }

  async #locatedFault({ row, reason }: Fault, start: number): Promise<string> {
    return `${await this.#file.locate(start + row)}: ${reason}`;
  }
}

/** @throws Error for an absent column of the label or the weights */
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
    const remedy = labels.some((label) => label.name === name)
      ? "Name the label's column with data.label"
      : "Name the column of the weights with data.weights";
    if (ignore.includes(name))
      throw new Error(`${header}: there is no column "${name}": data.ignore drops it. ${remedy}`);
    if (!columns.some((column) => column.name === name))
      throw new Error(`${header}: there is no column "${name}": ${insteadOf([name], has)}. ${remedy}${comments}`);
  }
}

/** @param taken config keys that exclude a column, by the column's name @throws Error for a field that the file does not have */
function requiredFields(
  header: string,
  columns: OpenedFile["columns"],
  taken: ReadonlyMap<string, string>,
  fields: Wanted["fields"] = [],
): ReadonlyMap<string, Field> {
  const names = columns.map(({ name }) => name);
  const required = new Map((typeof fields === "function" ? fields(names) : fields).map((field) => [field.name, field]));
  const absent = [...required.keys()].filter((name) => !names.includes(name));
  const lost = absent.find((name) => taken.has(name));
  if (lost !== undefined)
    throw new Error(`${header}: the model requires the column ${lost}, but ${taken.get(lost)} excludes it`);
  if (absent.length > 0)
    throw new Error(`${header}: there is no column ${listedNames(absent)}: ${insteadOf(absent, names)}`);
  return required;
}

const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(", ");

/** Returns the field of an additional column: numbers if possible. Whether a CSV column is text is known only once it is read. */
const additional = (name: string, kind: FileColumn["kind"]): RangedField => ({
  name,
  // The model takes float32: a larger value would become infinite in the gate and the service.
  range: "float32",
  type: kind === "text" ? "string" : kind === "time" ? "datetime" : "float64",
  nullable: kind === "text" || kind === "time",
});

const actualField = ({ range: _, mayBeText: __, ...field }: RangedField, kind: "text" | "number"): Field =>
  kind === "text" && field.type !== "string" ? { ...field, type: "string", nullable: true } : field;

const NOT_OPTIONAL =
  ": the model's signature does not make it optional. Fill the gap, remove the row, or log the model with infer_signature on rows that lack a value";

function remedy({ name, reason }: Fault, required: ReadonlyMap<string, Field>): string {
  if (required.has(name)) return reason.endsWith("is empty") ? NOT_OPTIONAL : "";
  return reason.endsWith("is empty")
    ? ": fill the gap, remove the row, or drop the column with data.ignore"
    : ". If the model does not take the column, drop it with data.ignore";
}
