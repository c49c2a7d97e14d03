import { createHash } from "node:crypto";
import type { TextTable } from "../../data/reader/read-table.ts";
import { type DecimalMark, withPoint } from "./decimal-mark.ts";
import { type DescribedData, isGap } from "./described-data.ts";

export interface Split {
  /** Row numbers of the table, in its order. */
  readonly train: readonly number[];
  readonly evaluation: readonly number[];
}

const EVALUATION_SHARE = 0.25;

/** Rows with equal features. */
interface Group {
  readonly key: string;
  readonly label: string;
  readonly rows: number[];
}

/**
 * Splits rows by their content alone, so the same data always produces the same split. Rows with equal features stay together, so that the gate never
 * evaluates a row that the trainer has seen. Each class is in both parts. A column with gaps has at least one among the training rows; otherwise the model
 * would reject gaps.
 * @throws Error for a class whose rows all have equal features
 */
export function splitRows(table: TextTable, data: DescribedData): Split {
  const cellsOf = (name: string) => table.columns[table.names.indexOf(name)] ?? [];
  const features = [
    ...data.numbers.map((name) => ({ isNumber: true, cells: cellsOf(name) })),
    ...data.booleans.map((name) => ({ isNumber: false, cells: cellsOf(name).map((cell) => cell?.toLowerCase()) })),
    ...data.texts.map((name) => ({ isNumber: false, cells: cellsOf(name) })),
  ];
  const labels = table.columns[table.names.indexOf(data.label)] ?? [];
  const groups = new Map<string, Group>();
  for (let row = 0; row < table.rows; row++) {
    const values = features.map(({ cells, isNumber }) => featureValue(cells[row], isNumber ? data.decimal : undefined));
    const key = createHash("sha256").update(JSON.stringify(values)).digest("hex");
    const label = data.task === "regression" ? "" : (labels[row] ?? "");
    const group = groups.get(key) ?? { key, label, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  const evaluation = new Set<Group>();
  for (const [label, members] of Map.groupBy(groups.values(), (group) => group.label))
    for (const group of evaluationGroups(label, members, data.label)) evaluation.add(group);
  for (const { cells } of features) keepGap(cells, [...groups.values()], evaluation);
  const evaluationRows = new Set([...evaluation].flatMap(({ rows }) => rows));
  const all = Array.from({ length: table.rows }, (_, row) => row);
  return {
    train: all.filter((row) => !evaluationRows.has(row)),
    evaluation: all.filter((row) => evaluationRows.has(row)),
  };
}

/** Value at the model's precision. */
function featureValue(cell: string | null | undefined, decimal: DecimalMark | undefined): string | number | null {
  if (cell === null || cell === undefined || isGap(cell)) return null;
  return decimal ? Math.fround(Number(withPoint(cell, decimal))) : cell;
}

function evaluationGroups(label: string, members: readonly Group[], column: string): Group[] {
  if (members.length < 2)
    throw new Error(
      `${column} ${JSON.stringify(label)} has too few distinct rows (${members.length}): training and evaluation need one each. Remove them, or give them another class`,
    );
  const total = members.reduce((sum, { rows }) => sum + rows.length, 0);
  const chosen: Group[] = [];
  let rows = 0;
  for (const group of members.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    if (rows >= total * EVALUATION_SHARE || chosen.length === members.length - 1) break;
    chosen.push(group);
    rows += group.rows.length;
  }
  return chosen;
}

function keepGap(
  cells: readonly (string | null | undefined)[],
  groups: readonly Group[],
  evaluation: Set<Group>,
): void {
  const withGap = groups.filter(({ rows }) => rows.some((row) => isGap(cells[row])));
  const [first] = withGap;
  if (first && withGap.every((group) => evaluation.has(group))) evaluation.delete(first);
}
