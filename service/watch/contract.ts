import { type CellRules, cellRules } from "../../data/contract/cell-rules.ts";
import type { ContractRule } from "../../data/contract/contract-check.ts";
import type { DataContract } from "../../data/contract/data-contract.ts";
import { shownText, shownValue } from "../../data/contract/shown-value.ts";
import { numberAt } from "../../data/drift/binned-values.ts";
import { type Field, isShaped } from "../../data/field.ts";
import { type Column, denseData, type Table } from "../../data/table.ts";
import type { Signature } from "../predictor/signature.ts";

/** Violations by `rule column`, as plain JSON. */
export type ContractCounts = Readonly<Record<string, number>>;

/** The first value that violates the contract. */
export interface BrokenCell {
  /** From 0. */
  readonly row: number;
  readonly column: string;
  /** For the caller: names column, rule and value. */
  readonly message: string;
}

interface CheckedColumn {
  readonly field: Field;
  readonly place: number;
  readonly rules: CellRules;
  readonly isRequired: boolean;
  /** Message of each rule, for callers. */
  readonly words: Readonly<Partial<Record<ContractRule, string>>>;
  /** Violations so far. */
  readonly counts: Map<ContractRule, number>;
}

/** Validates requests against a data contract and counts violations by column and rule, never by value. */
export class RequestContract {
  readonly #columns: readonly CheckedColumn[];
  readonly #fields: number;
  /** Whether a violation rejects the request. */
  readonly refuses: boolean;

  /** Ignores columns that the model does not take: no request has them. */
  constructor(contract: DataContract, { inputs }: Signature, refuses: boolean) {
    this.refuses = refuses;
    this.#fields = inputs.length;
    this.#columns = inputs.flatMap((field, place) => {
      const rules = Object.hasOwn(contract.columns, field.name) ? contract.columns[field.name] : undefined;
      if (!rules || isShaped(field)) return [];
      const { type, min, max, missing } = rules;
      const words = {
        type: `must be of type ${type ?? "number"}`,
        min: `must not be below ${min}`,
        max: `must not be above ${max}`,
        categories: "is not one of the values that the contract lists",
        missing: "must not be missing",
      };
      return [{ field, place, rules: cellRules(rules, field), isRequired: missing === 0, words, counts: new Map() }];
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
  look(table: Table, isCounted: boolean): BrokenCell | undefined {
    const dense = denseData(table);
    const floats = dense instanceof Float32Array ? dense : undefined;
    let first: (() => BrokenCell) | undefined;
    let firstRow = table.rows;
    for (const checked of this.#columns) {
      const { place, rules, isRequired, counts } = checked;
      // Most models have dense columns, which need no column objects.
      const column = floats ? undefined : (table.columns[place] as Column);
      const start = floats ? firstDoubtful(floats, place, this.#fields, rules) : 0;
      for (let row = start; row < table.rows; row++) {
        const rule = floats
          ? ruleOfNumber(floats[row * this.#fields + place] as number, rules, isRequired)
          : ruleOfCell(column as Column, checked, row);
        if (rule === undefined) continue;
        if (isCounted) counts.set(rule, (counts.get(rule) ?? 0) + 1);
        if (row >= firstRow) continue;
        firstRow = row;
        first = () => this.#describe(checked, rule, table.columns[place] as Column, row);
      }
    }
    return first?.();
  }

  #describe({ field, words }: CheckedColumn, rule: ContractRule, column: Column, row: number): BrokenCell {
    const value = rule === "missing" ? "" : `, got ${shownCell(field, column, row)}`;
    return {
      row,
      column: field.name,
      message: `row ${row}: column ${field.name} ${words[rule]}${value} (data contract)`,
    };
  }

  counts(): ContractCounts {
    return Object.fromEntries(
      this.#columns.flatMap(({ field, counts }) =>
        [...counts].map(([rule, count]) => [`${rule} ${field.name}`, count]),
      ),
    );
  }
}

/** First row whose value needs a closer check; the number of rows if none does. */
function firstDoubtful(floats: Float32Array, place: number, width: number, { low, high }: CellRules): number {
  let row = 0;
  for (let at = place; at < floats.length; at += width, row++) {
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

function shownCell(field: Field, column: Column, row: number): string {
  if (column.kind === "text") return shownText(column.dictionary[column.codes[row] as number] as string);
  const raw = column.data[column.offset + row * column.stride] as number | bigint;
  return shownValue(field, numberAt(column, field.type, row), raw);
}

/** Adds up the counts of several processes. */
export function addContractCounts(all: readonly ContractCounts[]): ContractCounts {
  const sum = new Map<string, number>();
  for (const one of all) for (const [key, count] of Object.entries(one)) sum.set(key, (sum.get(key) ?? 0) + count);
  return Object.fromEntries(sum);
}
