import type { Field } from "../../../../../data/field.ts";
import type { Column } from "../../../../../data/table.ts";
import { type Random, seededRandom } from "../../../../../training/gate/statistics/random.ts";
import type { Snapshot } from "../../../../../training/snapshot.ts";

export type Cell = number | string | boolean | null;

/** Rows of typed columns with their truth, as plain values that a mutant may replace. */
export interface TaskRows {
  readonly path: string;
  readonly rows: number;
  readonly columns: Readonly<Record<string, readonly Cell[]>>;
  /** Code of the class, or a number for each target. */
  readonly truth: readonly (readonly number[])[];
  readonly weights?: readonly number[];
}

/** Columns of the model, followed by those that are used only for groups. */
export const FIELDS: readonly Field[] = [
  ...["f0", "f1", "f2", "f3"].map((name) => ({ name, type: "float32", nullable: false }) as const),
  { name: "age", type: "int32", nullable: false },
  { name: "plan", type: "string", nullable: false },
  { name: "town", type: "string", nullable: true },
  { name: "region", type: "string", nullable: false },
  { name: "member", type: "boolean", nullable: false },
];
export const PLANS = ["basic", "plus", "pro"];
export const CLASSES = ["low", "middle", "high"];
export const TARGETS = ["price", "area"];

/** A row's terms in a linear model: four numbers, the age in decades from 40, three plans and a town. */
export function featuresOf({ columns }: TaskRows, row: number): number[] {
  const at = (name: string) => columns[name]?.[row];
  return [
    ...["f0", "f1", "f2", "f3"].map((name) => Number(at(name))),
    (Number(at("age")) - 40) / 10,
    ...PLANS.map((plan) => Number(at("plan") === plan)),
    Number(at("town") === "east end"),
  ];
}

/** Random rows. @param truthOf returns a row's truth from its features and random numbers */
export function makeRows(
  path: string,
  rows: number,
  seed: number,
  truthOf: (features: readonly number[], random: Random) => readonly number[],
): TaskRows {
  const random = seededRandom(seed);
  const fill = <Value extends Cell>(of: () => Value) => Array.from({ length: rows }, of);
  const pick = (values: readonly string[]) => values[random.below(values.length)] as string;
  const columns: Record<string, readonly Cell[]> = {};
  for (const name of ["f0", "f1", "f2", "f3"]) columns[name] = fill(() => Math.fround(random.normal()));
  columns.age = fill(() => 20 + random.below(41));
  columns.plan = fill(() => pick(PLANS));
  columns.town = fill(() => (random.uniform() < 0.1 ? null : pick(["east end", "old town"])));
  columns.region = fill(() => pick(["north", "south"]));
  columns.member = fill(() => random.uniform() < 0.5);
  const known: TaskRows = { path, rows, columns, truth: [] };
  return { ...known, truth: Array.from({ length: rows }, (_, row) => truthOf(featuresOf(known, row), random)) };
}

export function toTaskSnapshot({ path, rows, columns, truth, weights }: TaskRows): Snapshot {
  const width = truth[0]?.length ?? 1;
  return {
    path,
    md5: path,
    rows,
    unfit: new Map(),
    table: { rows, fields: FIELDS, columns: FIELDS.map((field) => columnOf(field, columns[field.name] ?? [])) },
    truth:
      width === 1
        ? { kind: "classes", classes: CLASSES, codes: Int32Array.from(truth.flat()) }
        : { kind: "values", targets: TARGETS, data: Float64Array.from(truth.flat()) },
    ...(weights && { weights: Float64Array.from(weights) }),
  };
}

function columnOf({ type }: Field, cells: readonly Cell[]): Column {
  if (type === "string") {
    const dictionary = [...new Set(cells.filter((cell) => cell !== null).map(String))];
    const codes = Int32Array.from(cells, (cell) => (cell === null ? -1 : dictionary.indexOf(String(cell))));
    return { kind: "text", codes, dictionary };
  }
  const of = type === "float32" ? Float32Array : type === "int32" ? Int32Array : Uint8Array;
  return { kind: "number", data: of.from(cells.map(Number)), offset: 0, stride: 1 };
}
