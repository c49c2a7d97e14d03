import { type Field, valuesPerRow } from "../../../data/field.ts";
import { instantText } from "../../../data/instant.ts";
import type { ClassName, Prediction } from "../../../data/prediction.ts";
import type { Table } from "../../../data/table.ts";

/** A value as /predict accepts it in JSON; tensors are lists. */
export type Cell = number | string | boolean | null | readonly Cell[];

/** A row and the model's prediction, which a deployment must reproduce. */
export type Sample = {
  /** In the order and with the types of the model's signature; see sampledCells. */
  readonly features: readonly Cell[];
} & SampledAnswer;

export type SampledAnswer =
  | {
      /** As the model returns it. */
      readonly label: ClassName;
      /** Probability of class 1, or else the last probability; null for models without probabilities. */
      readonly positive: number | null;
      /** All probabilities, if there are more than two; or scores that are not probabilities, such as an anomaly's. */
      readonly scores?: readonly number[];
    }
  | {
      /** For a regressor. */
      readonly values: readonly number[];
    };

/** Returns a row's prediction, as the deployed service will return it. */
export function sampledAnswer(prediction: Prediction, row: number): SampledAnswer {
  if (prediction.kind === "values") {
    const width = prediction.shape.reduce((product, size) => product * size, 1);
    return { values: [...prediction.data.subarray(row * width, (row + 1) * width)] };
  }
  const { classes, named, codes } = prediction;
  const label = classes[codes[row] as number] as ClassName;
  const { scores } = prediction;
  if (!scores) return { label, positive: null };
  const all = scores.data.subarray(row * scores.width, (row + 1) * scores.width);
  if (!scores.areProbabilities) return { label, positive: null, scores: [...all] };
  const one = classes.slice(0, named).indexOf(1);
  const positive = all[one < 0 ? scores.width - 1 : one] ?? null;
  return { label, positive, ...(scores.width > 2 && { scores: [...all] }) };
}

/** Returns a row's values with the model's types, as /predict accepts them; for a model with one tensor, the tensor's row itself. */
export function sampledCells(table: Table, row: number): readonly Cell[] {
  const values = table.fields.map((field, position) => {
    const size = valuesPerRow(field);
    const cells = Array.from({ length: size }, (_, index) => cellOf(table, position, row, index));
    return field.shape ? nest(cells, field.shape) : (cells[0] as Cell);
  });
  return values.length === 1 && table.fields[0]?.shape ? (values[0] as readonly Cell[]) : values;
}

function cellOf({ fields, columns }: Table, position: number, row: number, index: number): Cell {
  const [field, column] = [fields[position] as Field, columns[position]];
  if (column?.kind === "text")
    return column.dictionary[column.codes[row * valuesPerRow(field) + index] as number] ?? null;
  if (!column || column.missing?.[row] === 1) return null;
  const { data, offset, stride } = column;
  const value = data[offset + row * stride + index] as number | bigint;
  if (field.type === "boolean") return Number(value) === 1;
  if (field.type === "datetime") return instantText(BigInt(value));
  if (field.type === "float16" && data instanceof Uint16Array)
    return finite(new Float16Array(Uint16Array.of(Number(value)).buffer)[0] ?? Number.NaN);
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return finite(field.type === "float32" ? Math.fround(value) : value);
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function nest(cells: readonly Cell[], [, ...inner]: readonly number[]): readonly Cell[] {
  if (inner.length === 0) return cells;
  const size = inner.reduce((product, dim) => product * dim, 1);
  return Array.from({ length: cells.length / size }, (_, part) =>
    nest(cells.slice(part * size, (part + 1) * size), inner),
  );
}
