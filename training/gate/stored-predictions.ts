import type { ClassName } from "../../data/prediction.ts";
import { DECIMAL } from "../../data/reader/class-map.ts";
import { downloadArtifact, listArtifacts } from "../../registry/artifacts.ts";
import type { MlflowClient } from "../../registry/mlflow-client.ts";
import type { ModelVersion } from "../../registry/model-versions.ts";
import { getRun } from "../../registry/runs.ts";
import type { ownPredictions } from "../own-predictions.ts";
import type { Snapshot } from "../snapshot.ts";

/** What a trainer's own code predicted for a snapshot, row by row. */
export type StoredPredictions =
  | {
      readonly kind: "labels";
      readonly labels: readonly ClassName[];
      /** Probability of the positive class of two. */
      readonly positive?: Float64Array;
    }
  | {
      readonly kind: "values";
      /** Row-major, rows x targets. */
      readonly values: Float64Array;
      readonly targets: number;
    };

/**
 * Where a trainer stores its predictions among its run's artifacts: `predictions/<md5 of the snapshot>.csv`, so that they cannot
 * be mistaken for those of other data.
 */
export const predictionsPath = (md5: string): string => `predictions/${md5}.csv`;

/** What a binary classifier predicted, as CSV: a line for each row of the snapshot, in its order. */
export function writePredictions({ labels, positive }: ReturnType<typeof ownPredictions>): string {
  const lines = ["label,probability"];
  for (const [row, label] of labels.entries()) lines.push(`${label},${positive[row]}`);
  return `${lines.join("\n")}\n`;
}

/**
 * CSV with a line for each row of the snapshot, in its order. The header is `label,probability` (of the positive class), `label` alone, or, for
 * regressors, `prediction`, once for each target.
 * @param where named in errors
 * @throws Error that names line and reason
 */
export function parsePredictions(text: string, where: string): StoredPredictions {
  const [header = "", ...lines] = text.trimEnd().split(/\r?\n/);
  const named = header.trim();
  const fail = (row: number, reason: string) =>
    new Error(`${where}:${row + 2}: ${JSON.stringify(lines[row]?.slice(0, 80))} is not ${reason}`);
  if (/^prediction(?:,prediction)*$/.test(named)) {
    const targets = named.split(",").length;
    const values = new Float64Array(lines.length * targets);
    for (const [row, line] of lines.entries()) {
      const cells = line.split(",");
      if (cells.length !== targets || !cells.every((cell) => DECIMAL.test(cell.trim())))
        throw fail(row, targets === 1 ? "a number" : `${targets} numbers`);
      values.set(cells.map(Number), row * targets);
    }
    return { kind: "values", values, targets };
  }
  if (named !== "label,probability" && named !== "label")
    throw new Error(
      `${where} must begin with the line label,probability, or label alone, or prediction for a regressor; it begins with ${JSON.stringify(named.slice(0, 80))}`,
    );
  const hasProbability = named !== "label";
  const positive = hasProbability ? new Float64Array(lines.length) : undefined;
  const labels = lines.map((line, row) => {
    const cells = cellsOf(line);
    const share = cells[1] ?? "";
    const fits = cells.length === (hasProbability ? 2 : 1) && cells[0] !== "";
    if (!fits || (positive && !(DECIMAL.test(share) && Number(share) >= 0 && Number(share) <= 1)))
      throw fail(row, positive ? "a label and a probability" : "a label");
    if (positive) positive[row] = Number(share);
    return cells[0] as string;
  });
  return { kind: "labels", labels, ...(positive && { positive }) };
}

/** Cells of a line, with quotes as CSV has them. */
const cellsOf = (line: string): string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain = ""]) =>
    quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'),
  );

/** Reads what the version's trainer stored for this snapshot. A text says why there is nothing to compare with. */
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
