import { numberAt } from "../drift/binned-values.ts";
import { nearestName } from "../edit-distance.ts";
import { type Field, isShaped } from "../field.ts";
import type { Column, NumberColumn, Table, TextColumn } from "../table.ts";
import { type CellRule, type CellRules, cellRules, DistinctValues } from "./cell-rules.ts";
import type { ColumnRules, DataContract } from "./data-contract.ts";
import { shownText, shownValue } from "./shown-value.ts";

/** Rules that rows can break. `column`: the column is missing, or has no single values; `rows`: the number of rows. */
export type ContractRule = CellRule | "missing" | "unique" | "column" | "rows";

/** A rule of the contract that rows break. */
export interface Violation {
  /** Undefined for the number of rows. */
  readonly column?: string;
  readonly rule: ContractRule;
  /** Number of rows that break it; for `column` and `rows`, all rows. */
  readonly rows: number;
  /** First such row, from 1. */
  readonly row?: number;
  /** Its value, as text of at most 60 characters. */
  readonly example?: string;
  /** What the contract requires, or the nearest name to a missing column. */
  readonly bound?: string;
}

export interface ContractFindings {
  readonly rows: number;
  /** In the order of the contract's columns. */
  readonly violations: readonly Violation[];
}

interface Seen {
  readonly rules: ColumnRules;
  readonly broken: Map<ContractRule, { rows: number; readonly row: number; readonly example?: string }>;
  readonly distinct: DistinctValues | undefined;
  missing: number;
  firstMissing: number;
  isThere: boolean;
}

/**
 * Checks the rows of a snapshot against a contract, in parts. A value counts only for the first rule that it breaks. Memory grows with the rows only for
 * columns that must be unique.
 */
export class ContractCheck {
  readonly #contract: DataContract;
  readonly #decimal: string | undefined;
  #columns = new Map<string, Seen>();
  #names: readonly string[] = [];
  #rows = 0;

  /** @param decimal decimal mark of numbers in texts */
  constructor(contract: DataContract, decimal?: string) {
    this.#contract = contract;
    this.#decimal = decimal;
    this.reset();
  }

  /** Forgets all rows, because the snapshot is read again from its beginning. */
  reset(): void {
    this.#rows = 0;
    this.#columns = new Map(
      Object.entries(this.#contract.columns).map(([name, rules]) => [
        name,
        {
          rules,
          broken: new Map(),
          distinct: rules.unique ? new DistinctValues() : undefined,
          missing: 0,
          firstMissing: 0,
          isThere: false,
        },
      ]),
    );
  }

  /** Takes the next rows. */
  take(table: Table): void {
    this.#names = table.fields.map(({ name }) => name);
    for (const [place, field] of table.fields.entries()) {
      const seen = this.#columns.get(field.name);
      if (!seen || isShaped(field)) continue;
      seen.isThere = true;
      this.#look(seen, field, table.columns[place] as Column, table.rows);
    }
    this.#rows += table.rows;
  }

  #look(seen: Seen, field: Field, column: Column, rows: number): void {
    const rules = cellRules(seen.rules, field, this.#decimal);
    if (column.kind === "text") this.#lookAtTexts(seen, rules, column, rows);
    else this.#lookAtNumbers(seen, rules, field, column, rows);
  }

  #lookAtNumbers(seen: Seen, rules: CellRules, field: Field, column: NumberColumn, rows: number): void {
    const { type } = field;
    for (let row = 0; row < rows; row++) {
      const value = numberAt(column, type, row);
      if (Number.isNaN(value)) {
        this.#miss(seen, row);
        continue;
      }
      const broken = rules.ofNumber(value);
      // The exact value: two whole numbers beyond 2^53 may round to the same double.
      const raw = column.data[column.offset + row * column.stride] as number | bigint;
      if (broken) this.#break(seen, broken, row, () => shownValue(field, value, raw));
      if (seen.distinct?.isRepeated(raw)) this.#break(seen, "unique", row, () => shownValue(field, value, raw));
    }
  }

  #lookAtTexts(seen: Seen, rules: CellRules, { codes, dictionary }: TextColumn, rows: number): void {
    // Each distinct text is checked once.
    const verdicts = dictionary.map((text) => rules.ofText(text));
    for (let row = 0; row < rows; row++) {
      const code = codes[row] as number;
      if (code < 0) {
        this.#miss(seen, row);
        continue;
      }
      const broken = verdicts[code];
      const shown = () => shownText(dictionary[code] as string);
      if (broken) this.#break(seen, broken, row, shown);
      if (seen.distinct?.isRepeated(dictionary[code] as string)) this.#break(seen, "unique", row, shown);
    }
  }

  #miss(seen: Seen, row: number): void {
    if (seen.missing === 0) seen.firstMissing = this.#rows + row + 1;
    seen.missing++;
  }

  #break(seen: Seen, rule: ContractRule, row: number, show: () => string): void {
    const before = seen.broken.get(rule);
    if (before) before.rows++;
    else seen.broken.set(rule, { rows: 1, row: this.#rows + row + 1, example: show() });
  }

  /** Returns the violations of all rows so far. */
  findings(): ContractFindings {
    const rows = this.#rows;
    const violations = [...this.#columns].flatMap(([column, seen]) => this.#ofColumn(column, seen));
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

  #ofColumn(column: string, { rules, broken, missing, firstMissing, isThere }: Seen): Violation[] {
    if (!isThere) {
      const nearest = this.#names.includes(column) ? undefined : nearestName(column, this.#names);
      return [{ column, rule: "column", rows: this.#rows, ...(nearest !== undefined && { bound: nearest }) }];
    }
    const { missing: allowed = 1 } = rules;
    return [
      ...(missing > allowed * this.#rows
        ? [{ column, rule: "missing", rows: missing, row: firstMissing, bound: String(allowed) } as const]
        : []),
      ...[...broken].map(([rule, found]) => ({ column, rule, ...found, ...boundOf(rules, rule) })),
    ];
  }
}

function boundOf(rules: ColumnRules, rule: ContractRule): { readonly bound?: string } {
  const bound = rule === "type" ? (rules.type ?? "number") : rule === "min" || rule === "max" ? rules[rule] : undefined;
  return bound === undefined ? {} : { bound: String(bound) };
}
