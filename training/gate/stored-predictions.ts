import { downloadArtifact, listArtifacts } from "../../registry/artifacts.ts";
import type { MlflowClient } from "../../registry/mlflow-client.ts";
import type { ModelVersion } from "../../registry/model-versions.ts";
import { getRun } from "../../registry/runs.ts";
import type { Snapshot } from "../snapshot.ts";

/** What a trainer's own code predicted for a snapshot, row by row. */
export interface StoredPredictions {
  readonly labels: Int32Array;
  /** Probability of class 1. */
  readonly positive?: Float64Array;
}

/**
 * Where a trainer stores its predictions among its run's artifacts: `predictions/<md5 of the snapshot>.csv`, so that they cannot
 * be mistaken for those of other data.
 */
export const predictionsPath = (md5: string): string => `predictions/${md5}.csv`;

/** CSV with the header `label,probability` (or `label` alone), a line for each row of the snapshot, in its order. */
export function writePredictions({ labels, positive }: StoredPredictions): string {
  const lines = [positive ? "label,probability" : "label"];
  for (const [row, label] of labels.entries()) lines.push(positive ? `${label},${positive[row]}` : String(label));
  return `${lines.join("\n")}\n`;
}

/** Throws Error that names line and reason. @param where named in errors */
export function parsePredictions(text: string, where: string): StoredPredictions {
  const [header = "", ...lines] = text.trimEnd().split(/\r?\n/);
  const named = header.trim();
  if (named !== "label,probability" && named !== "label")
    throw new Error(
      `${where} must begin with the line label,probability, or label alone; it begins with ${JSON.stringify(named.slice(0, 80))}`,
    );
  const labels = new Int32Array(lines.length);
  const positive = named === "label" ? undefined : new Float64Array(lines.length);
  for (const [row, line] of lines.entries()) {
    const [label = "", probability = "", ...more] = line.split(",");
    const value = Number(label);
    const share = Number(probability);
    const fits = more.length === 0 && label.trim() !== "" && (value === 0 || value === 1);
    if (!fits || (positive && (probability.trim() === "" || !(share >= 0 && share <= 1))))
      throw new Error(
        `${where}:${row + 2}: ${JSON.stringify(line.slice(0, 80))} is not a label (0 or 1)${positive ? " and a probability" : ""}`,
      );
    labels[row] = value;
    if (positive) positive[row] = share;
  }
  return { labels, ...(positive && { positive }) };
}

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
