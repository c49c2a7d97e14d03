import { numberAt } from "../drift/binned-values.ts";
import { nearestName } from "../edit-distance.ts";
import { type Field, isShaped } from "../field.ts";
import type { Column, NumberColumn, Table, TextColumn } from "../table.ts";
import { type CellRule, type CellRules, cellRules, DistinctValues } from "./cell-rules.ts";
import type { ColumnRules, DataContract } from "./data-contract.ts";
import { formatText, formatValue } from "./format-value.ts";

/** Rules that rows can violate. `column`: the column is absent, or its values are not scalars; `rows`: the row count is out of bounds. */
export type ContractRule = CellRule | "missing" | "unique" | "column" | "rows";

/** A rule of the contract that the rows violate. */
export interface Violation {
  /** Undefined for the row count. */
  readonly column?: string;
  readonly rule: ContractRule;
  /** Number of rows that violate it; for `column` and `rows`, all rows. */
  readonly rows: number;
  /** First such row, from 1. */
  readonly row?: number;
  /** Its value, formatted in at most 60 characters. */
  readonly example?: string;
  /** The contract's requirement; for an absent column, the nearest name. */
  readonly bound?: string;
}

export interface ContractFindings {
  readonly rows: number;
  /** In the order of the contract's columns. */
  readonly violations: readonly Violation[];
}

/** What is known about a column so far. */
interface ColumnState {
  readonly rules: ColumnRules;
  readonly violated: Map<ContractRule, { rows: number; readonly row: number; readonly example?: string }>;
  readonly distinct: DistinctValues | undefined;
  missing: number;
  firstMissing: number;
  isPresent: boolean;
}

/**
 * Checks the rows of a snapshot against a contract, batch by batch. Each value counts for the first rule that it violates only. Memory grows with the
 * rows only for columns that must be unique.
 */
export class ContractCheck {
  readonly #contract: DataContract;
  readonly #decimal: string | undefined;
  #columns = new Map<string, ColumnState>();
  #names: readonly string[] = [];
  #rows = 0;

  /** @param decimal decimal mark of numbers read as text */
  constructor(contract: DataContract, decimal?: string) {
    this.#contract = contract;
    this.#decimal = decimal;
    this.reset();
  }

  /** Discards all rows, for a snapshot that is read again from the start. */
  reset(): void {
    this.#rows = 0;
    this.#columns = new Map(
      Object.entries(this.#contract.columns).map(([name, rules]) => [
        name,
        {
          rules,
          violated: new Map(),
          distinct: rules.unique ? new DistinctValues() : undefined,
          missing: 0,
          firstMissing: 0,
          isPresent: false,
        },
      ]),
    );
  }

  /** Checks the next rows. */
  take(table: Table): void {
    this.#names = table.fields.map(({ name }) => name);
    for (const [index, field] of table.fields.entries()) {
      const state = this.#columns.get(field.name);
      if (!state || isShaped(field)) continue;
      state.isPresent = true;
      this.#check(state, field, table.columns[index] as Column, table.rows);
    }
    this.#rows += table.rows;
  }

  #check(state: ColumnState, field: Field, column: Column, rows: number): void {
    const rules = cellRules(state.rules, field, this.#decimal);
    if (column.kind === "text") this.#checkTexts(state, rules, column, rows);
    else this.#checkNumbers(state, rules, field, column, rows);
  }

  #checkNumbers(state: ColumnState, rules: CellRules, field: Field, column: NumberColumn, rows: number): void {
    const { type } = field;
    for (let row = 0; row < rows; row++) {
      const value = numberAt(column, type, row);
      if (Number.isNaN(value)) {
        this.#countMissing(state, row);
        continue;
      }
      const rule = rules.ofNumber(value);
      // Compare exact values: two whole numbers beyond 2^53 may round to the same double.
      const raw = column.data[column.offset + row * column.stride] as number | bigint;
      if (rule) this.#violate(state, rule, row, () => formatValue(field, value, raw));
      if (state.distinct?.isRepeated(raw)) this.#violate(state, "unique", row, () => formatValue(field, value, raw));
    }
  }

  #checkTexts(state: ColumnState, rules: CellRules, { codes, dictionary }: TextColumn, rows: number): void {
    // Checks each distinct string once.
    const verdicts = dictionary.map((text) => rules.ofText(text));
    for (let row = 0; row < rows; row++) {
      const code = codes[row] as number;
      if (code < 0) {
        this.#countMissing(state, row);
        continue;
      }
      const rule = verdicts[code];
      const format = () => formatText(dictionary[code] as string);
      if (rule) this.#violate(state, rule, row, format);
      if (state.distinct?.isRepeated(dictionary[code] as string)) this.#violate(state, "unique", row, format);
    }
  }

  #countMissing(state: ColumnState, row: number): void {
    if (state.missing === 0) state.firstMissing = this.#rows + row + 1;
    state.missing++;
  }

  #violate(state: ColumnState, rule: ContractRule, row: number, format: () => string): void {
    const before = state.violated.get(rule);
    if (before) before.rows++;
    else state.violated.set(rule, { rows: 1, row: this.#rows + row + 1, example: format() });
  }

  /** Returns the violations of all rows so far. */
  findings(): ContractFindings {
    const rows = this.#rows;
    const violations = [...this.#columns].flatMap(([column, state]) => this.#ofColumn(column, state));
    const { min = 0, max = Number.POSITIVE_INFINITY } = this.#contract.rows ?? {};
    const count = (bound: string): Violation => ({ rule: "rows", rows, bound });
    return {
      rows,
      violations: [
        ...(rows < min ? [count(`at least ${min}`)] : rows > max ? [count(`at most ${max}`)] : []),
        ...violations,
      ],
    };
  }

  #ofColumn(column: string, { rules, violated, missing, firstMissing, isPresent }: ColumnState): Violation[] {
    if (!isPresent) {
      const nearest = this.#names.includes(column) ? undefined : nearestName(column, this.#names);
      return [{ column, rule: "column", rows: this.#rows, ...(nearest !== undefined && { bound: nearest }) }];
    }
    const { missing: allowed = 1 } = rules;
    return [
      ...(missing > allowed * this.#rows
        ? [{ column, rule: "missing", rows: missing, row: firstMissing, bound: String(allowed) } as const]
        : []),
      ...[...violated].map(([rule, found]) => ({ column, rule, ...found, ...boundOf(rules, rule) })),
    ];
  }
}

function boundOf(rules: ColumnRules, rule: ContractRule): { readonly bound?: string } {
  const bound = rule === "type" ? (rules.type ?? "number") : rule === "min" || rule === "max" ? rules[rule] : undefined;
  return bound === undefined ? {} : { bound: String(bound) };
}
