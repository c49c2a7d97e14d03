import type { Field } from "../../../data/field.ts";
import type { FloatArray } from "../../../data/number-array.ts";
import type { ClassName } from "../../../data/prediction.ts";
import type { Column, NumberArray, Table } from "../../../data/table.ts";
import type { Snapshot } from "../../snapshot.ts";
import type { Evaluation } from "../evaluation.ts";
import { type ClassCodes, detectorOf } from "../metrics/answered-rows.ts";

interface NamedColumn {
  readonly field: Field;
  readonly column: Column;
}

/**
 * Builds the input of a custom metric, with one row per row of the snapshot. Its columns are `truth`, `prediction`, `probability_<class>` for each class
 * or `score`, `weight`, and the snapshot's own columns. Several targets have `truth_<target>` and `prediction_<target>` each.
 * @returns a string that explains a clash of column names
 */
export function predictionsTable(
  evaluation: Evaluation,
  { path, table }: Pick<Snapshot, "path" | "table">,
): Table | string {
  const { weights } = evaluation;
  const own = [...predictionColumns(evaluation), ...(weights ? [numbers("weight", weights)] : [])];
  const problem = clashOf(
    own.map(({ field }) => field.name),
    table.fields.map(({ name }) => name),
    path,
  );
  if (problem !== undefined) return problem;
  return {
    rows: evaluation.rows,
    fields: [...own.map(({ field }) => field), ...table.fields],
    columns: [...own.map(({ column }) => column), ...table.columns],
  };
}

/** Reports names that are equal regardless of case, because engines that write and read Parquet may ignore case. */
function clashOf(own: readonly string[], columns: readonly string[], path: string): string | undefined {
  const names = new Set(own.map((name) => name.toLowerCase()));
  const seen = new Map<string, string>();
  for (const name of columns) {
    const plain = name.toLowerCase();
    if (names.has(plain))
      return `column ${name} of ${path} has a name that is reserved for custom metrics. Rename it, or drop it with data.ignore`;
    const other = seen.get(plain);
    if (other !== undefined)
      return `columns ${other} and ${name} of ${path} differ only in case, which custom metrics cannot distinguish. Rename one, or drop it with data.ignore`;
    seen.set(plain, name);
  }
  return undefined;
}

function predictionColumns(evaluation: Evaluation): NamedColumn[] {
  if (evaluation.task === "regression") {
    const { targets, truth, predicted } = evaluation;
    const named = (name: string, target: string) => (targets.length === 1 ? name : `${name}_${target}`);
    return targets.flatMap((target, index) => [
      numbers(named("truth", target), truth, index, targets.length),
      numbers(named("prediction", target), predicted, index, targets.length),
    ]);
  }
  const { classes, labels, predicted } = evaluation;
  const prediction = detectorOf(evaluation)?.unlabelled ? [] : [classColumn("prediction", predicted, classes)];
  return [classColumn("truth", labels, classes), ...prediction, ...scoresOf(evaluation)];
}

function scoresOf(evaluation: Exclude<Evaluation, { task: "regression" }>): NamedColumn[] {
  const { classes } = evaluation;
  if (evaluation.task === "multiclass") {
    const { probabilities } = evaluation;
    return probabilities
      ? classes.map((name, index) => numbers(`probability_${name}`, probabilities, index, classes.length))
      : [];
  }
  const { positive, scores } = evaluation;
  if (positive) {
    const negative = positive.map((share) => 1 - share);
    return [negative, positive].map((column, index) => numbers(`probability_${classes[index]}`, column));
  }
  return scores ? [numbers("score", scores)] : [];
}

const numbers = (name: string, data: FloatArray, offset = 0, stride = 1): NamedColumn => ({
  field: { name, type: data instanceof Float32Array ? "float32" : "float64", nullable: false },
  column: { kind: "number", data, offset, stride },
});

/** Stores classes as booleans or numbers if all of them are, else as strings. */
function classColumn(name: string, codes: ClassCodes, classes: readonly ClassName[]): NamedColumn {
  const plain = (type: "int64" | "float64" | "boolean", data: NumberArray): NamedColumn => ({
    field: { name, type, nullable: false },
    column: { kind: "number", data, offset: 0, stride: 1 },
  });
  const numberOf = (code: number) => Number(classes[code]);
  if (classes.every((one) => typeof one === "boolean")) return plain("boolean", Uint8Array.from(codes, numberOf));
  if (classes.every((one) => typeof one === "number"))
    return classes.every(Number.isSafeInteger)
      ? plain(
          "int64",
          BigInt64Array.from(codes, (code) => BigInt(numberOf(code))),
        )
      : plain("float64", Float64Array.from(codes, numberOf));
  return {
    field: { name, type: "string", nullable: false },
    column: { kind: "text", codes: Int32Array.from(codes), dictionary: classes.map(String) },
  };
}
