import { DECIMAL } from "../../data/cells.ts";
import type { ClassName } from "../../data/prediction.ts";
import { downloadArtifact, listArtifacts } from "../../registry/artifacts.ts";
import type { MlflowClient } from "../../registry/mlflow-client.ts";
import type { ModelVersion } from "../../registry/model-versions.ts";
import { getRun } from "../../registry/runs.ts";
import type { ownPredictions } from "../own-predictions.ts";
import type { Snapshot } from "../snapshot.ts";

/** Predictions of a trainer's own code for a snapshot, row by row. */
export type StoredPredictions = StoredClasses | StoredValues;

export interface StoredClasses {
  readonly kind: "labels";
  /** Absent in a file with only scores. */
  readonly labels?: readonly ClassName[];
  /** Probability of the positive class of two. */
  readonly positive?: Float64Array;
  /** Probabilities by class name. */
  readonly probabilities?: ReadonlyMap<string, Float64Array>;
  /** Margins, which are larger for the positive class, or anomaly scores as the model returns them. */
  readonly scores?: Float64Array;
}

export interface StoredValues {
  readonly kind: "values";
  /** Row-major, rows x targets. */
  readonly values: Float64Array;
  readonly targets: number;
  /** Names of the targets, if the file has them. */
  readonly names?: readonly string[];
}

/**
 * Path of a trainer's predictions in its run's artifacts: `predictions/<md5 of the snapshot>.csv`, so that they cannot
 * be mistaken for those of other data.
 */
export const predictionsPath = (md5: string): string => `predictions/${md5}.csv`;

/** Writes a binary classifier's predictions as CSV, one line per row of the snapshot, in its order. */
export function writePredictions({ labels, positive }: ReturnType<typeof ownPredictions>): string {
  const lines = ["label,probability"];
  for (const [row, label] of labels.entries()) lines.push(`${label},${positive[row]}`);
  return `${lines.join("\n")}\n`;
}

/**
 * Parses a CSV with one line per row of the snapshot, in its order. The header names the columns, in any order:
 * - `label`; `probability` (of the positive class) or `probability:<class>` for each class; `score` (margin or anomaly score)
 * - for regressors `prediction` for each target in their order, or `prediction:<target>`
 * @param where name in errors
 * @throws Error that names line and reason
 */
export function parsePredictions(text: string, where: string): StoredPredictions {
  const [header = "", ...lines] = text.trimEnd().split(/\r?\n/);
  const columns = cellsOf(header);
  const isValues = columns.every((name) => /^prediction(?::.|$)/s.test(name));
  if (!isValues && !columns.every((name) => /^(?:label|score|probability|probability:.+)$/s.test(name)))
    throw new Error(
      `${where} must begin with a header of label, probability (or probability:<class> for each class) and score, or of prediction (or prediction:<target>) ` +
        `for a regressor; it begins with ${JSON.stringify(header.trim().slice(0, 80))}`,
    );
  const twice = columns.find((name, index) => name !== "prediction" && columns.indexOf(name) < index);
  if (twice !== undefined) throw new Error(`${where} has a duplicate column ${twice}`);
  const width = columns.length;
  const isText = columns.map((name) => name === "label");
  const isShare = columns.map((name) => name.startsWith("probability"));
  const numbers = columns.map((_, index) => new Float64Array(isText[index] ? 0 : lines.length));
  const labels: string[] = [];
  for (const [row, line] of lines.entries()) {
    const cells = cellsOf(line);
    const fits = (cell: string, index: number) =>
      isText[index] ? cell !== "" : DECIMAL.test(cell) && !(isShare[index] && (Number(cell) < 0 || Number(cell) > 1));
    if (cells.length !== width || !cells.every(fits))
      throw new Error(`${where}:${row + 2}: ${JSON.stringify(line.slice(0, 80))} is not ${described(columns)}`);
    for (const [index, cell] of cells.entries())
      if (isText[index]) labels.push(cell);
      else (numbers[index] as Float64Array)[row] = Number(cell);
  }
  return isValues ? valuesOf(columns, numbers, lines.length) : classesOf(columns, numbers, labels);
}

function described(columns: readonly string[]): string {
  if (columns.every((name) => name === "prediction"))
    return columns.length === 1 ? "a number" : `${columns.length} numbers`;
  return columns.map((name) => `a ${name}`).join(" and ");
}

function valuesOf(columns: readonly string[], numbers: readonly Float64Array[], rows: number): StoredValues {
  const targets = columns.length;
  const values = new Float64Array(rows * targets);
  for (const [target, column] of numbers.entries())
    for (let row = 0; row < rows; row++) values[row * targets + target] = column[row] as number;
  const names = columns.map((name) => name.slice("prediction:".length));
  return { kind: "values", values, targets, ...(names.every((name) => name !== "") && { names }) };
}

function classesOf(
  columns: readonly string[],
  numbers: readonly Float64Array[],
  labels: readonly string[],
): StoredClasses {
  const column = (name: string) => numbers[columns.indexOf(name)];
  const [positive, scores] = [column("probability"), column("score")];
  const ofClasses = columns.flatMap((name, index): [string, Float64Array][] =>
    name.startsWith("probability:") ? [[name.slice("probability:".length), numbers[index] as Float64Array]] : [],
  );
  return {
    kind: "labels",
    ...(columns.includes("label") && { labels }),
    ...(positive && { positive }),
    ...(ofClasses.length > 0 && { probabilities: new Map(ofClasses) }),
    ...(scores && { scores }),
  };
}

/** Splits a line into cells, with CSV quoting. */
const cellsOf = (line: string): string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain = ""]) =>
    quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'),
  );

/** Reads the trainer's predictions for this snapshot. A string explains why there is nothing to compare with. */
export async function readStoredPredictions(
  client: MlflowClient,
  version: ModelVersion,
  snapshot: Pick<Snapshot, "md5" | "path">,
): Promise<StoredPredictions | string> {
  const path = predictionsPath(snapshot.md5);
  if (!version.runId) return `version ${version.version} has no run that could hold the trainer's predictions`;
  const { artifactUri } = await getRun(client, version.runId);
  const stored = await listArtifacts(client, artifactUri, "predictions");
  if (!stored.some((file) => file.path === path))
    return `the trainer stored no predictions for ${snapshot.path}: its run has no ${path}`;
  const text = new TextDecoder().decode(await downloadArtifact(client, artifactUri, path));
  try {
    return parsePredictions(text, path);
  } catch (error) {
    return (error as Error).message;
  }
}
