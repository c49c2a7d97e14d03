import { sizeOf, valuesPerRow } from "../field.ts";
import { isFloatType } from "../number-array.ts";
import { type ColumnBuilder, float16Bits, type Group, type ReadColumn } from "./column-builders.ts";
import { hasNul, nulIn, type RangedField } from "./column-types.ts";
import type { ChunkColumn } from "./duckdb-rows.ts";
import { type Elements, elementsOfCell } from "./list-cell.ts";
import {
  dimsOf,
  ELEMENT_ARRAYS,
  type Element,
  fieldValue,
  isSameType,
  type StoredElements,
  unfitElement,
} from "./list-elements.ts";
import { TextCodes } from "./text-codes.ts";
import type { Fault } from "./typed-columns.ts";

/** Builds a column whose rows are lists, or CSV cells that contain lists. Stops at the first fault. */
export class ListBuilder implements ColumnBuilder {
  readonly #field: RangedField;
  readonly #group: Group | undefined;
  readonly #stored: StoredElements | undefined;
  readonly #dims: readonly number[];
  readonly #size: number;
  readonly #texts = new TextCodes();
  #codes = new Int32Array();
  #fault: Fault | undefined;

  /**
   * @param group undefined for strings
   * @param stored undefined if the cells are text
   */
  constructor(field: RangedField, group: Group | undefined, stored: StoredElements | undefined) {
    this.#field = field;
    this.#group = group;
    this.#stored = stored;
    this.#size = valuesPerRow(field);
    const { shape = [] } = field;
    // Flat lists hold the values in row-major order.
    this.#dims = stored?.depth === shape.length ? shape : [sizeOf(shape)];
  }

  add(column: ChunkColumn, from: number, to: number, at: number): void {
    if (this.#fault) return;
    if (!this.#group) this.#growCodes((at + to - from) * this.#size);
    if (this.#stored) this.#addLists(this.#stored, column, { from, to, at });
    else this.#addCells(column, { from, to, at });
  }

  finish(rows: number): ReadColumn {
    const field = this.#field;
    const fault = this.#fault;
    const common = { field, firstDoubt: fault ? fault.row : -1, ...(fault && { fault }) };
    if (this.#group) {
      const { data, width } = this.#group;
      return { ...common, column: { kind: "number", data, offset: 0, stride: width } };
    }
    const { dictionary } = this.#texts;
    return { ...common, column: { kind: "text", codes: this.#codes.subarray(0, rows * this.#size), dictionary } };
  }

  #addCells(column: ChunkColumn, { from, to, at }: Rows): void {
    const texts = column.textBytes();
    for (let row = from; row < to; row++) {
      const elements = column.has(row) ? elementsOfCell(column.textAt(texts, row), this.#field) : NONE;
      const reason = this.#takeElements(elements, at + row - from);
      if (reason !== undefined) {
        this.#refuse(at + row - from, reason);
        return;
      }
    }
  }

  #takeElements(elements: Elements, row: number): string | undefined {
    if ("wrong" in elements) return ` ${elements.wrong}`;
    if (elements.length !== this.#size) return this.#miscounted(elements.length);
    for (const [index, element] of elements.entries()) {
      const reason = this.#take(element, row, index);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  #addLists(stored: StoredElements, column: ChunkColumn, { from, to, at }: Rows): void {
    const lists: List[] = [];
    let inner = column;
    for (let level = 0; level < stored.depth; level++) {
      lists.push({ column: inner, entries: inner.listEntries() });
      inner = inner.elements();
    }
    const leaves = new Leaves(inner, stored);
    for (let row = from; row < to; row++) {
      const reason = this.#takeList(lists, leaves, { level: 0, entry: row, row: at + row - from, index: 0 });
      if (reason !== undefined) {
        this.#refuse(at + row - from, reason);
        return;
      }
    }
  }

  #takeList(lists: readonly List[], leaves: Leaves, { level, entry, row, index }: ListPosition): string | undefined {
    const { column, entries } = lists[level] as List;
    const length = this.#dims[level] as number;
    const found = column.has(entry) ? (entries[entry * 4 + 2] as number) : 0;
    if (found !== length) return this.#misshapen(lists, { level, entry, row, index }, found);
    const start = entries[entry * 4] as number;
    if (level === lists.length - 1) return this.#takeLeaves(leaves, start, { row, index, length });
    const size = sizeOf(this.#dims.slice(level + 1));
    for (let at = 0; at < length; at++) {
      const reason = this.#takeList(lists, leaves, {
        level: level + 1,
        entry: start + at,
        row,
        index: index + at * size,
      });
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  #takeLeaves(leaves: Leaves, start: number, { row, index, length }: Run): string | undefined {
    const group = this.#group;
    const { values, column } = leaves;
    const isPlain = group && values && column.valid === undefined && isSameType(this.#field, leaves.type);
    if (isPlain) {
      (group.data as Int32Array).set(values.subarray(start, start + length) as Int32Array, row * this.#size + index);
      return undefined;
    }
    for (let at = 0; at < length; at++) {
      const reason = this.#take(leaves.at(start + at), row, index + at);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  /** Stores an element. @returns what is wrong with it, or undefined */
  #take(element: Element, row: number, index: number): string | undefined {
    const field = this.#field;
    const position = row * this.#size + index;
    if (!this.#group) {
      if (typeof element !== "string" && !(element === null && field.nullable))
        return this.#unfit(element === null ? null : element, index);
      if (typeof element === "string" && hasNul(element)) return `${this.#indexPath(index)}${nulIn(element)}`;
      this.#codes[position] = element === null ? -1 : this.#texts.codeOf(element as string);
      return undefined;
    }
    const isGap = element === null && field.nullable && isFloatType(field.type);
    const value = isGap ? Number.NaN : element === null ? undefined : fieldValue(field, element);
    if (value === undefined) return this.#unfit(element, index);
    (this.#group.data as Float64Array)[position] = (
      field.type === "float16" ? float16Bits(value as number) : value
    ) as number;
    return undefined;
  }

  #unfit(element: Element, index: number): string {
    return `${this.#indexPath(index)} ${unfitElement(this.#field, element)}`;
  }

  /** Formats an element's position in the shape, such as `[0, 2]`. */
  #indexPath(index: number): string {
    const { shape = [] } = this.#field;
    const path: number[] = [];
    for (let rest = index, level = shape.length - 1; level >= 0; level--) {
      path.unshift(rest % (shape[level] as number));
      rest = Math.floor(rest / (shape[level] as number));
    }
    return `[${path.join(", ")}]`;
  }

  #misshapen(lists: readonly List[], { level, entry, row: _, index: __ }: ListPosition, found: number): string {
    if (level === 0 && this.#dims.length === 1) return this.#miscounted(found);
    const { column } = lists[level] as List;
    const got = column.has(entry) ? `a list of ${found}` : "none";
    return ` must have the shape ${dimsOf(this.#field)}, got ${got} instead of ${this.#dims[level]} ${level + 1 < this.#dims.length ? "lists" : "values"}`;
  }

  #miscounted(found: number): string {
    const dims = (this.#field.shape?.length ?? 0) > 1 ? ` (${dimsOf(this.#field)})` : "";
    return ` must have ${this.#size} values${dims}, got ${found === 0 ? "none" : found}`;
  }

  #refuse(row: number, reason: string): void {
    const { name } = this.#field;
    this.#fault = { name, row, reason: `column ${name}${reason}` };
  }

  #growCodes(length: number): void {
    if (length <= this.#codes.length) return;
    const larger = new Int32Array(Math.max(length, this.#codes.length * 2));
    larger.set(this.#codes);
    this.#codes = larger;
  }
}

const NONE: readonly Element[] = [];

interface Rows {
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

interface List {
  readonly column: ChunkColumn;
  /** Four words per entry: the first is the start and the third is the length. */
  readonly entries: Uint32Array;
}

interface ListPosition {
  /** Nesting depth. */
  readonly level: number;
  readonly entry: number;
  readonly row: number;
  /** Index, within the row, of its first element. */
  readonly index: number;
}

interface Run {
  readonly row: number;
  readonly index: number;
  readonly length: number;
}

type Values = Float64Array | Int32Array | BigInt64Array;

/** The elements of all lists of a chunk. */
class Leaves {
  readonly column: ChunkColumn;
  readonly type: StoredElements["type"];
  /** Undefined for strings. */
  readonly values: Values | undefined;
  readonly #texts: Buffer | undefined;

  constructor(column: ChunkColumn, { type }: StoredElements) {
    this.column = column;
    this.type = type;
    if (type === "VARCHAR") this.#texts = column.textBytes();
    else this.values = column.values(ELEMENT_ARRAYS[type] as typeof Float64Array);
  }

  at(index: number): Element {
    if (!this.column.has(index)) return null;
    return this.#texts ? this.column.textAt(this.#texts, index) : ((this.values as Values)[index] as number | bigint);
  }
}
