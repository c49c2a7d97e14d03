import type { Field } from "../field.ts";
import type { ClassName, Truth } from "../prediction.ts";
import type { NumberColumn, TextColumn } from "../table.ts";
import { ClassMap } from "./class-map.ts";
import type { RangedField } from "./column-types.ts";
import { type DataFormat, labelsOf } from "./data-format.ts";
import { foundClasses } from "./found-classes.ts";
import type { OpenedFile } from "./opened-file.ts";
import { emptyAt, type Fault, nulFault, type TypedColumn } from "./typed-columns.ts";

/**
 * How to read the label.
 * - classes: the format's classes, or else 0 and 1
 * - open-classes: the format's classes, or else those in the file
 * - values: one or more columns of numbers
 * - any: not read, because the task is unknown
 */
export type LabelKind = "classes" | "open-classes" | "values" | "any";

type ClassTruth = Extract<Truth, { kind: "classes" }>;
type ValueTruth = Extract<Truth, { kind: "values" }>;
/** Result of reading a label of this kind. */
export type TruthOf<Kind extends LabelKind> = Kind extends "values"
  ? ValueTruth
  : Kind extends "any"
    ? undefined
    : ClassTruth;

/** The truth, or the first invalid cell. */
export type ReadTruth = { readonly truth: Truth | undefined } | { readonly fault: Fault };

const ZERO_ONE: readonly ClassName[] = [0, 1];
const MOST_CLASSES = 1_000;
const LABEL = { nullable: false, block: "label" } as const;

type ColumnKind = OpenedFile["columns"][number]["kind"];

/** Reads a file's label columns according to their kind. */
export class LabelColumns {
  readonly #kind: LabelKind;
  readonly #format: DataFormat;
  readonly #names: readonly string[];
  readonly #path: string;
  readonly #kindOf: (name: string) => ColumnKind;
  /** Strings that a survey found; undefined without a survey. */
  #surveyed: Set<string> | undefined;
  /** Classes that a survey found. */
  #found: readonly ClassName[] | undefined;

  /** @param path named in errors @param kindOf returns the kind of a column @throws Error for classes in several columns */
  constructor(kind: LabelKind, format: DataFormat, path: string, kindOf: (name: string) => ColumnKind) {
    this.#kindOf = kindOf;
    this.#kind = kind;
    this.#format = format;
    this.#path = path;
    this.#names = labelsOf(format);
    const isClasses = kind === "classes" || kind === "open-classes";
    if (isClasses && this.#names.length > 1)
      throw new Error(
        `${path}: data.label names ${this.#names.join(", ")}, but classes must be in one column. Only a regression (gate.task: regression) has several targets`,
      );
  }

  /** Columns to read. */
  get fields(): readonly RangedField[] {
    if (this.#kind === "any") return [];
    if (this.#kind === "values") return this.#names.map((name) => ({ name, type: "float64", ...LABEL }));
    return this.#names.map((name) => {
      // Small whole numbers are read as numbers, so that 1 equals 1.0 and Parquet's true equals 1.
      const isSmall = this.#kindOf(name) !== "text" && this.#named?.every(isSmallWhole);
      return { name, type: isSmall ? "int8" : "string", ...LABEL };
    });
  }

  /** Classes known before the file is read; undefined if they are those in the file. */
  get #named(): readonly ClassName[] | undefined {
    return this.#format.classes ?? (this.#kind === "classes" ? ZERO_ONE : undefined);
  }

  /** Whether the classes are those in the file. */
  get isOpen(): boolean {
    return this.#kind === "open-classes" && !this.#named;
  }

  /** Records some rows of a survey. */
  survey({ column }: TypedColumn): void {
    if (column.kind !== "text") return;
    this.#surveyed ??= new Set();
    // A larger number is rejected later, and might not fit into memory.
    if (this.#surveyed.size <= MOST_CLASSES * 10) for (const text of column.dictionary) this.#surveyed.add(text);
  }

  /** Ends a survey, which determines the classes. @throws Error for too many classes */
  endSurvey(): void {
    if (!this.#surveyed) return;
    this.#found = this.#foundIn([...this.#surveyed]).classes;
    this.#surveyed = undefined;
    if (this.#found.length > MOST_CLASSES) throw new Error(this.#tooMany(this.#names[0] ?? "", this.#found));
  }

  #foundIn(texts: readonly string[]) {
    const [name = ""] = this.#names;
    return foundClasses(texts, this.#kindOf(name), this.#format.csv?.decimal ?? ".");
  }

  /** Builds the ground truth. @param columns one per field of `fields` @throws Error for too many classes */
  truthOf(columns: readonly TypedColumn[], rows: number): ReadTruth {
    if (this.#kind === "any") return { truth: undefined };
    const faults = columns.flatMap(({ fault }) => fault ?? []).toSorted((a, b) => a.row - b.row);
    if (this.#kind === "values") return faults[0] ? { fault: faults[0] } : { truth: valuesOf(columns, rows) };
    const { field, column, fault } = columns[0] as TypedColumn;
    if (column.kind === "text") return this.#texts(field, column);
    return fault ? { fault } : this.#numbers(field, column, rows);
  }

  #texts({ name }: Field, column: TextColumn): ReadTruth {
    const { codes, dictionary } = column;
    const nul = nulFault(name, column);
    if (nul) return { fault: nul };
    const named = this.#named;
    const known = named ?? this.#found;
    const map = known && new ClassMap(known);
    // A string in Parquet is literal; a CSV cell may be a number in another notation.
    const isCell = this.#kindOf(name) !== "text";
    const found =
      map && known
        ? { classes: known, codes: dictionary.map((text) => (isCell ? map.codeOfCell(text) : map.codeOf(text)) ?? -1) }
        : this.#foundIn(dictionary);
    const all = codes.map((code) => found.codes[code] ?? -1);
    const row = all.indexOf(-1);
    if (row >= 0) {
      const text = dictionary[codes[row] as number];
      if (text === undefined || text.trim() === "") return { fault: emptyAt(name, row) };
      return { fault: notAClass(name, row, text, named) };
    }
    if (!named && found.classes.length > MOST_CLASSES) throw new Error(this.#tooMany(name, found.classes));
    return { truth: { kind: "classes", classes: found.classes, codes: all } };
  }

  #numbers({ name }: Field, { data, offset, stride }: NumberColumn, rows: number): ReadTruth {
    const classes = this.#named ?? [];
    const map = new ClassMap(classes);
    const values = data as Int8Array;
    const known = Int16Array.from({ length: 256 }, (_, byte) => map.codeOf((byte << 24) >> 24) ?? -1);
    const codes = new Int32Array(rows);
    for (let row = 0; row < rows; row++) {
      const value = values[offset + row * stride] as number;
      const code = known[value & 255] as number;
      if (code < 0) return { fault: notAClass(name, row, String(value), classes) };
      codes[row] = code;
    }
    return { truth: { kind: "classes", classes, codes } };
  }

  #tooMany(name: string, classes: readonly ClassName[]): string {
    const areNumbers = classes.every((it) => typeof it === "number" || (it !== "" && Number.isFinite(Number(it))));
    const has = `more than ${MOST_CLASSES.toLocaleString("en")} distinct values, such as ${classes.slice(0, 3).join(", ")}`;
    return areNumbers
      ? `${this.#path}: column ${name} looks like numbers, not classes: it has ${has}. For a regression set gate.task: regression`
      : `${this.#path}: column ${name} has ${has}: too many for classes. Name the label's column with data.label`;
  }

  /** Returns the remedy for a fault of the label. */
  remedy({ reason }: Fault): string {
    if (this.#kind === "values" || reason.endsWith("is empty") || reason.includes("without a NUL character")) return "";
    const isMany = (this.#format.classes?.length ?? 0) > 2;
    return `. Name the label's classes with data.classes${isMany || this.#kind === "open-classes" ? "" : " and data.positive"}`;
  }
}

const isSmallWhole = (it: ClassName) => Number.isInteger(it) && Math.abs(it as number) < 128;

function notAClass(name: string, row: number, text: string, classes: readonly ClassName[] | undefined): Fault {
  const expected = classes ? oneOf(classes) : "a class";
  return { name, row, reason: `column ${name} must be ${expected}, got ${JSON.stringify(text)}` };
}

const MAX_LISTED = 10;

function oneOf(classes: readonly ClassName[]): string {
  if (classes.length > MAX_LISTED)
    return `one of ${classes.slice(0, MAX_LISTED).join(", ")}, … (${classes.length} classes)`;
  return `${classes.slice(0, -1).join(", ")} or ${classes.at(-1)}`;
}

function valuesOf(columns: readonly TypedColumn[], rows: number): ValueTruth {
  const targets = columns.map(({ field }) => field.name);
  // The targets are the only columns of their block, so their shared array is already row-major.
  const [first] = columns as readonly [TypedColumn];
  const { data } = first.column as NumberColumn;
  return { kind: "values", targets, data: (data as Float64Array).subarray(0, rows * targets.length) };
}
