import { readDatetime } from "../../data/instant.ts";
import { insteadOf } from "../../data/near-name.ts";
import type { ClassName } from "../../data/prediction.ts";
import { foundClasses } from "../../data/reader/found-classes.ts";
import type { TextTable } from "../../data/reader/read-table.ts";
import { type DecimalMark, decimalMarkOf, type FoundMark, isDecimal, withPoint } from "./decimal-mark.ts";

export const TASKS = ["binary", "multiclass", "regression"] as const;
export type Task = (typeof TASKS)[number];

/** Columns of the data by their role and type. */
export interface DescribedData extends FoundMark {
  readonly label: string;
  readonly task: Task;
  /** A classifier's classes, sorted. */
  readonly classes?: readonly ClassName[];
  /** Of two classes, the one that precision, recall and probabilities refer to. */
  readonly positive?: ClassName;
  readonly numbers: readonly string[];
  /** Columns of true and false without missing values. */
  readonly booleans: readonly string[];
  readonly texts: readonly string[];
  /** Column that identifies rows. */
  readonly id?: string;
  /** Columns that the caller wants to drop. They are among the excluded ones. */
  readonly ignored: readonly string[];
  /** Columns that are not features, with the reason. */
  readonly excluded: readonly { readonly name: string; readonly why: string }[];
  /** Texts in the data that mean a missing value. */
  readonly missing: readonly string[];
}

/** Texts that usually mean a missing value. */
const GAPS: ReadonlySet<string> = new Set(["NA", "N/A", "NaN", "nan", "NULL", "null", "?"]);
const FEWEST_ROWS = 40;
/** A label of whole numbers with more distinct values is a quantity. */
const MOST_NUMBER_CLASSES = 10;
const MOST_TEXT_CLASSES = 50;
/** A text column with more distinct values than this, and more than half as many as rows, identifies rows instead of grouping them. */
const MOST_CATEGORIES = 50;
const LARGEST_FLOAT32 = 3.4e38;

/** What the caller knows about the data; the rest is inferred. */
export interface Chosen {
  readonly task?: Task | undefined;
  readonly id?: string | undefined;
  readonly positive?: string | undefined;
  readonly ignore?: readonly string[] | undefined;
}

type Cells = readonly (string | null)[];

/**
 * Infers the task and each column's role from the data and the name of the label.
 * @param path named in errors
 * @throws Error that says why no model can be trained on the data
 */
export function describeData(table: TextTable, path: string, label: string, chosen: Chosen = {}): DescribedData {
  const { names, columns, rows } = table;
  const { ignore = [] } = chosen;
  const labelIndex = names.indexOf(label);
  if (labelIndex < 0)
    throw new Error(`${path} has no column "${label}": ${insteadOf([label], names)}. Name one with --label`);
  requireNames(names, path, label, chosen);
  if (rows < FEWEST_ROWS)
    throw new Error(`${path} has ${rows} rows: at least ${FEWEST_ROWS} are needed for training and evaluation`);
  const target = columns[labelIndex] ?? [];
  const unlabelled = target.filter(isGap).length;
  if (unlabelled > 0)
    throw new Error(
      `${unlabelled} of the ${rows} rows of ${path} have no "${label}". Remove them: they cannot be used for training or evaluation`,
    );
  const mark = decimalMarkOf(table, isGap);
  const { decimal } = mark;
  const task = taskOf(target, path, label, decimal, chosen.task);
  const kinds = names.flatMap((name, at) => {
    if (at === labelIndex) return [];
    return [{ name, ...(ignore.includes(name) ? IGNORED : kindOf(name, columns[at] ?? [], decimal)) }];
  });
  const ids = kinds.filter(({ kind }) => kind === "id").map(({ name }) => name);
  const id = chosen.id ?? ids.find(isIdName) ?? ids[0];
  const named = (wanted: Kind["kind"]) =>
    kinds.filter(({ kind, name }) => kind === wanted && name !== id).map(({ name }) => name);
  const [numbers, booleans, texts] = [named("number"), named("boolean"), named("text")];
  if (numbers.length + booleans.length + texts.length === 0)
    throw new Error(`${path} has no feature besides "${label}"`);
  const classes = task === "regression" ? undefined : classesOf(target, decimal);
  const positive = positiveOf(classes, chosen.positive);
  return {
    ...mark,
    label,
    task,
    numbers,
    booleans,
    texts,
    ...(classes && { classes }),
    ...(positive !== undefined && { positive }),
    ...(id !== undefined && { id }),
    ignored: ignore,
    excluded: kinds.flatMap(({ name, why }) => (why === undefined || name === id ? [] : [{ name, why }])),
    missing: [
      ...new Set(columns.flatMap((cells) => cells.filter((cell) => cell !== null && GAPS.has(cell)))),
    ].sort() as string[],
  };
}

/** Whether a cell means a missing value. */
export const isGap = (cell: string | null | undefined): boolean =>
  cell === null || cell === undefined || GAPS.has(cell);

const classesOf = (cells: Cells, decimal: DecimalMark) =>
  foundClasses([...new Set(cells as readonly string[])], "any", decimal).classes;

/** Returns the positive one of two classes: by default the second. @throws Error for a choice that is not one of them */
function positiveOf(classes: readonly ClassName[] | undefined, chosen: string | undefined): ClassName | undefined {
  const isBinary = classes?.length === 2;
  if (chosen === undefined) return isBinary ? classes[1] : undefined;
  if (!isBinary) throw new Error("--positive requires a label of two classes. Remove it");
  // Booleans may be written in any case, as in the data.
  const plain = classes.every((name) => typeof name === "boolean") ? chosen.toLowerCase() : chosen;
  const positive = classes.find((name) => String(name) === plain);
  if (positive === undefined) throw new Error(`--positive must be one of ${classes.join(", ")}, got ${chosen}`);
  return positive;
}

function taskOf(cells: Cells, path: string, label: string, decimal: DecimalMark, requested: Task | undefined): Task {
  const distinct = new Set(cells).size;
  if (distinct === 1)
    throw new Error(
      `column "${label}" of ${path} is ${JSON.stringify(cells[0])} in every row: there is nothing to predict`,
    );
  const nonNumber = cells.find((cell) => !isNumber(cell, decimal));
  if (requested === "regression") {
    if (nonNumber === undefined) return requested;
    throw new Error(
      `--task regression requires numbers, but column "${label}" of ${path} has ${JSON.stringify(nonNumber)}`,
    );
  }
  const classes = classesOf(cells, decimal);
  const looksLikeAmount =
    nonNumber === undefined &&
    (classes.length > MOST_NUMBER_CLASSES ||
      !cells.every((cell) => Number.isInteger(Number(withPoint(cell ?? "", decimal)))));
  const task = requested ?? (classes.length === 2 ? "binary" : looksLikeAmount ? "regression" : "multiclass");
  if (task === "regression") return task;
  const has = `column "${label}" of ${path} has ${classes.length} different values`;
  if (classes.length > MOST_TEXT_CLASSES)
    throw new Error(`${has}: too many for classes. Name another column with --label`);
  if ((task === "binary") === (classes.length === 2)) return task;
  throw new Error(
    `--task ${task} requires ${task === "binary" ? "two classes" : "more than two classes"}, but ${has}: ${classes.join(", ")}`,
  );
}

/** @throws Error for a name that --id or --ignore cannot take */
function requireNames(names: readonly string[], path: string, label: string, { id, ignore = [] }: Chosen): void {
  const given = [
    ...(id === undefined ? [] : [["--id", id] as const]),
    ...ignore.map((one) => ["--ignore", one] as const),
  ];
  for (const [option, name] of given) {
    if (name === label) throw new Error(`${option} names the label "${label}". Name another column`);
    if (!names.includes(name))
      throw new Error(`${path} has no column "${name}", which ${option} names: ${insteadOf([name], names)}`);
  }
  if (id !== undefined && ignore.includes(id))
    throw new Error(`--id and --ignore both name "${id}". Remove one of them`);
}

type Kind =
  | { readonly kind: "number" | "boolean" | "text" }
  | { readonly kind: "id" | "excluded"; readonly why: string };

const IGNORED = { kind: "excluded", why: "is ignored (data.ignore)" } as const;

function kindOf(name: string, cells: Cells, decimal: DecimalMark): Kind & { readonly why?: string } {
  const known = cells.filter((cell) => !isGap(cell));
  const distinct = new Set(known).size;
  if (known.length === 0) return { kind: "excluded", why: "has no value" };
  const isWhole = known.every((cell) => /^-?\d+$/.test(cell ?? ""));
  const isNumeric = known.every((cell) => isNumber(cell, decimal));
  if (distinct === cells.length && isIdName(name) && (isWhole || !isNumeric))
    return { kind: "id", why: "identifies rows" };
  if (distinct === cells.length && isWhole && isSequence(known.map(Number)))
    return { kind: "id", why: "numbers the rows" };
  if (isNumeric) return { kind: "number" };
  // A tensor of booleans cannot hold a missing value, so a column with gaps stays a text.
  if (known.length === cells.length && known.every((cell) => /^(?:true|false)$/i.test(cell ?? "")))
    return { kind: "boolean" };
  if (known.every((cell) => typeof readDatetime(cell ?? "") === "bigint"))
    return { kind: "excluded", why: "has dates, from which train.py can derive numbers," };
  if (distinct > MOST_CATEGORIES && distinct > cells.length / 2)
    return { kind: "excluded", why: `has ${distinct} different texts` };
  return { kind: "text" };
}

/** Whether distinct whole numbers have no gap, in any order. */
function isSequence(numbers: readonly number[]): boolean {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted.at(-1) ?? 0) - (sorted[0] ?? 0) === numbers.length - 1;
}

const isIdName = (name: string): boolean => /(?:^|[_\-. ])(?:id|uuid)$/i.test(name) || /[a-z]I[dD]$/.test(name);

/** A number with a leading zero is a code, such as a postcode. */
const isNumber = (cell: string | null, decimal: DecimalMark): boolean =>
  cell !== null &&
  isDecimal(cell, decimal) &&
  !/^[+-]?0\d/.test(cell) &&
  Math.abs(Number(withPoint(cell, decimal))) < LARGEST_FLOAT32;
