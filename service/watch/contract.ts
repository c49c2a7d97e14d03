import { type CellRules, cellRules } from "../../data/contract/cell-rules.ts";
import type { ContractRule } from "../../data/contract/contract-check.ts";
import type { DataContract } from "../../data/contract/data-contract.ts";
import { formatText, formatValue } from "../../data/contract/format-value.ts";
import { numberAt } from "../../data/drift/binned-values.ts";
import { type Field, isShaped } from "../../data/field.ts";
import { type Column, denseData, type Table } from "../../data/table.ts";
import type { Signature } from "../predictor/signature.ts";

/** Number of violations by `rule column`, as plain JSON. */
export type ContractCounts = Readonly<Record<string, number>>;

/** The first value that violates the contract. */
export interface CellViolation {
  /** From 0. */
  readonly row: number;
  readonly column: string;
  /** For the caller: names the column, the rule and the value. */
  readonly message: string;
}

interface CheckedColumn {
  readonly field: Field;
  readonly fieldIndex: number;
  readonly rules: CellRules;
  readonly isRequired: boolean;
  /** Message of each rule, for callers. */
  readonly messages: Readonly<Partial<Record<ContractRule, string>>>;
  /** Violations so far. */
  readonly counts: Map<ContractRule, number>;
}

/** Validates requests against a data contract and counts violations by column and rule, never by value. */
export class RequestContract {
  readonly #columns: readonly CheckedColumn[];
  readonly #fields: number;
  /** Whether to reject requests with a violation. */
  readonly rejects: boolean;

  /** Ignores columns that the model does not take, because requests do not contain them. */
  constructor(contract: DataContract, { inputs }: Signature, rejects: boolean) {
    this.rejects = rejects;
    this.#fields = inputs.length;
    this.#columns = inputs.flatMap((field, fieldIndex) => {
      const rules = Object.hasOwn(contract.columns, field.name) ? contract.columns[field.name] : undefined;
      if (!rules || isShaped(field)) return [];
      const { type, min, max, missing } = rules;
      const messages = {
        type: `must be of type ${type ?? "number"}`,
        min: `must not be below ${min}`,
        max: `must not be above ${max}`,
        categories: "is not one of the values that the contract lists",
        missing: "must not be missing",
      };
      return [
        { field, fieldIndex, rules: cellRules(rules, field), isRequired: missing === 0, messages, counts: new Map() },
      ];
    });
  }

  /** Names of the monitored columns. */
  get columns(): readonly string[] {
    return this.#columns.map(({ field }) => field.name);
  }

  /**
   * Checks rows and counts violations.
   * @param isCounted false for a probe's rows
   * @returns the first violation, by row; undefined if there is none
   */
  check(table: Table, isCounted: boolean): CellViolation | undefined {
    const dense = denseData(table);
    const floats = dense instanceof Float32Array ? dense : undefined;
    let first: (() => CellViolation) | undefined;
    let firstRow = table.rows;
    for (const checked of this.#columns) {
      const { fieldIndex, rules, isRequired, counts } = checked;
      // Avoids creating column objects for dense tables, which most models have.
      const column = floats ? undefined : (table.columns[fieldIndex] as Column);
      const start = floats ? firstDoubtful(floats, fieldIndex, this.#fields, rules) : 0;
      for (let row = start; row < table.rows; row++) {
        const rule = floats
          ? ruleOfNumber(floats[row * this.#fields + fieldIndex] as number, rules, isRequired)
          : ruleOfCell(column as Column, checked, row);
        if (rule === undefined) continue;
        if (isCounted) counts.set(rule, (counts.get(rule) ?? 0) + 1);
        if (row >= firstRow) continue;
        firstRow = row;
        first = () => this.#describe(checked, rule, table.columns[fieldIndex] as Column, row);
      }
    }
    return first?.();
  }

  #describe({ field, messages }: CheckedColumn, rule: ContractRule, column: Column, row: number): CellViolation {
    const value = rule === "missing" ? "" : `, got ${formatCell(field, column, row)}`;
    return {
      row,
      column: field.name,
      message: `row ${row}: column ${field.name} ${messages[rule]}${value} (data contract)`,
    };
  }

  /** Returns the violations so far. */
  counts(): ContractCounts {
    return Object.fromEntries(
      this.#columns.flatMap(({ field, counts }) =>
        [...counts].map(([rule, count]) => [`${rule} ${field.name}`, count]),
      ),
    );
  }
}

/** Returns the first row whose value needs a closer check; the number of rows if none does. */
function firstDoubtful(floats: Float32Array, fieldIndex: number, width: number, { low, high }: CellRules): number {
  let row = 0;
  for (let at = fieldIndex; at < floats.length; at += width, row++) {
    const value = floats[at] as number;
    if (!(value >= low && value <= high)) return row;
  }
  return row;
}

const ruleOfNumber = (value: number, rules: CellRules, isRequired: boolean): ContractRule | undefined =>
  Number.isNaN(value) ? (isRequired ? "missing" : undefined) : rules.ofNumber(value);

function ruleOfCell(
  column: Column,
  { field, rules, isRequired }: CheckedColumn,
  row: number,
): ContractRule | undefined {
  if (column.kind === "number") return ruleOfNumber(numberAt(column, field.type, row), rules, isRequired);
  const text = column.dictionary[column.codes[row] as number];
  return text === undefined ? (isRequired ? "missing" : undefined) : rules.ofText(text);
}

function formatCell(field: Field, column: Column, row: number): string {
  if (column.kind === "text") return formatText(column.dictionary[column.codes[row] as number] as string);
  const raw = column.data[column.offset + row * column.stride] as number | bigint;
  return formatValue(field, numberAt(column, field.type, row), raw);
}

/** Adds up the counts of several processes. */
export function addContractCounts(all: readonly ContractCounts[]): ContractCounts {
  const sum = new Map<string, number>();
  for (const one of all) for (const [key, count] of Object.entries(one)) sum.set(key, (sum.get(key) ?? 0) + count);
  return Object.fromEntries(sum);
}
