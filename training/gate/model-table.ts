import { type Field, valuesPerRow } from "../../data/field.ts";
import { insteadOf, listedNames } from "../../data/near-name.ts";
import { stackColumns } from "../../data/stack-columns.ts";
import { pickColumns, type Table } from "../../data/table.ts";
import { PredictorError } from "../../service/predictor/errors.ts";
import { columnNames, type Signature } from "../../service/predictor/signature.ts";
import type { Snapshot } from "../snapshot.ts";

type TableOfFile = Pick<Snapshot, "path" | "table" | "unfit">;

/** The model's input does not match the snapshot's columns. */
export class SignatureMismatch extends PredictorError {}

/**
 * Returns the types of a file's columns according to the model: by name, or by position if the model has no names. Other columns are read with inferred
 * types. modelTable rejects a file that lacks columns or has extra ones.
 */
export const fieldsFor =
  (signature: Signature) =>
  (names: readonly string[]): readonly Field[] => {
    const { inputs, isNamed } = signature;
    const tensor = spreadTensor(signature, names);
    if (tensor) return names.map((name) => ({ name, type: tensor.type, nullable: tensor.nullable }));
    if (isNamed) return inputs.filter(({ name }) => names.includes(name));
    if (inputs.length !== names.length) return [];
    return inputs.map((field, index) => ({ ...field, name: names[index] as string }));
  };

/** The model's only input, if it is a tensor such as [8, 8] with one column per value. */
function spreadTensor({ inputs }: Signature, names: readonly string[]): Field | undefined {
  const [only] = inputs;
  const isSpread = only?.shape && inputs.length === 1 && !names.includes(only.name);
  return isSpread && names.length === valuesPerRow(only) ? only : undefined;
}

/**
 * Returns the rows of a snapshot in the model's format and column order. A model with column names gets them by name, and the snapshot may have
 * additional columns, for example for groups. Nothing is copied.
 * @throws SignatureMismatch; Error if a data column cannot be converted for the model
 */
export function modelTable(signature: Signature, { path, table, unfit }: TableOfFile): Table {
  const wanted = columnNames(signature);
  const { inputs } = signature;
  const has = table.fields.map(({ name }) => name);
  // The data is at fault, not the model, so this is not a verdict.
  const [reason] = [...unfit].flatMap(([name, why]) => (!wanted || wanted.includes(name) ? [why] : []));
  if (reason !== undefined)
    throw new Error(
      wanted
        ? `${reason}. The model needs this column`
        : `${reason}. The model has no column names and therefore takes all columns: drop this one with data.ignore`,
    );
  const tensor = spreadTensor(signature, has);
  if (tensor) return stackColumns(table, tensor);
  if (!wanted && inputs.length !== has.length)
    throw new SignatureMismatch(
      `the model takes ${inputs.length} features, but the snapshot ${path} has ${has.length}: ${has.join(", ")}`,
    );
  const missing = (wanted ?? []).filter((name) => !has.includes(name));
  if (missing.length > 0)
    throw new SignatureMismatch(
      `the snapshot ${path} lacks columns of the model's signature: ${listedNames(missing)}; ${insteadOf(missing, has)}`,
    );
  const { columns, rows } = pickColumns(table, wanted ?? has);
  return { fields: inputs, columns, rows };
}

/** Returns the model's columns of both snapshots. A string explains why there are none. */
export function modelPair(
  signature: Signature,
  evaluation: TableOfFile,
  other: TableOfFile,
): readonly [Table, Table] | string {
  try {
    return [modelTable(signature, evaluation), modelTable(signature, other)];
  } catch (error) {
    if (error instanceof SignatureMismatch) return error.message;
    throw error;
  }
}

/** Whether a snapshot that was read for another model has exactly the columns of this one. */
export function isReadFor(signature: Signature, { table }: Pick<Snapshot, "table">): boolean {
  const names = table.fields.map(({ name }) => name);
  if (columnNames(signature)?.some((name) => !names.includes(name))) return false;
  return fieldsFor(signature)(names).every(({ name, type, nullable, shape }) => {
    const field = table.fields.find((other) => other.name === name);
    return field?.type === type && field.nullable === nullable && String(field.shape) === String(shape);
  });
}
