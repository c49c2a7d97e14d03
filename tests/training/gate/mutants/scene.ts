import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { onnx as Onnx } from "onnx-proto";
import onnxProto from "onnx-proto";
import { checkModel as examineModel } from "../../../../training/gate/check-model.ts";
import type { Policy } from "../../../../training/gate/policy.ts";
import type { CheckRun } from "../../../../training/gate/run-checks.ts";
import type { StoredPredictions } from "../../../../training/gate/stored-predictions.ts";
import { fitLogisticRegression } from "../../../../training/logistic-regression.ts";
import { modelFiles } from "../../../../training/mlmodel.ts";
import { toOnnx } from "../../../../training/onnx-model.ts";
import { ownPredictions } from "../../../../training/own-predictions.ts";
import { loadSnapshot } from "../../../../training/snapshot.ts";
import { type NumberRows, numberRows, toSnapshot } from "../../../helpers/number-rows.ts";
import { POLICY } from "./policy.ts";

export const { onnx } = onnxProto;

const CHURN = "models/churn/data";
const load = async (name: string) => numberRows(await loadSnapshot(`${CHURN}/${name}.csv`));
const [training, evaluation, reference] = [await load("train"), await load("evaluation"), await load("reference")];
const fitted = fitLogisticRegression(training.features, training.labels, { C: 1, maxIterations: 200 });
/** The scene's champion: an older, slightly worse model. */
const OLDER = fitLogisticRegression(training.features.slice(0, 3_000), training.labels.slice(0, 300), {
  C: 1,
  maxIterations: 200,
});

export interface Weights {
  readonly coefficients: Float64Array;
  readonly intercept: number;
}

/** All inputs of the gate, as plain values that a mutant may replace. */
export interface Scene {
  model: Weights;
  /** Changes the exported graph. */
  graph?: (model: Onnx.ModelProto) => void;
  /** Column names in the signature. */
  columns: readonly string[];
  /** Additional or changed files in the model's folder. */
  files: Record<string, Uint8Array | string>;
  evaluation: NumberRows;
  training: NumberRows;
  reference: NumberRows;
  champion: Weights | undefined;
  /** Message that the champion's files changed. */
  championChanged?: string;
  stored: StoredPredictions | string;
  policy: Policy;
}

/** The trainer's stored predictions. */
export const storedOf = (model: Weights, rows: NumberRows): StoredPredictions => {
  const { labels, positive } = ownPredictions(model, rows);
  return { kind: "labels", labels: [...labels], positive };
};

/** An honest scene, whose gate passes. */
export const scene = (): Scene => ({
  model: fitted,
  columns: evaluation.columns,
  files: {},
  evaluation,
  training,
  reference,
  champion: OLDER,
  stored: storedOf(fitted, evaluation),
  policy: structuredClone(POLICY),
});

/** Runs the gate's checks on a scene. */
export async function examine(set: Scene): Promise<CheckRun> {
  const root = await mkdtemp(join(tmpdir(), "scene-"));
  try {
    const folder = await writeModel(join(root, "model"), set);
    const champion = set.champion && {
      version: "1",
      sha256: "c",
      changed: set.championChanged,
      folder: await writeModel(join(root, "champion"), { model: set.champion, columns: evaluation.columns, files: {} }),
    };
    return await examineModel({ folder, policy: set.policy }, async () => ({
      snapshot: toSnapshot(set.evaluation),
      training: toSnapshot(set.training),
      reference: toSnapshot(set.reference),
      champion,
      storedPredictions: set.stored,
    }));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function writeModel(
  folder: string,
  { model, columns, files, graph }: Pick<Scene, "model" | "columns" | "files" | "graph">,
) {
  const proto = onnx.ModelProto.decode(toOnnx(model));
  graph?.(proto);
  const bytes = Uint8Array.from(onnx.ModelProto.encode(proto).finish());
  await mkdir(folder);
  const written = modelFiles({ onnx: bytes, columns, example: [[...columns].map(() => 0)], runId: "run" });
  for (const [path, content] of [...written, ...Object.entries(files)]) await writeFile(join(folder, path), content);
  return folder;
}

/** Changes cells of a snapshot; `change` gets value, column name and row. */
export function withCells(
  snapshot: NumberRows,
  change: (value: number, column: string, row: number) => number,
): NumberRows {
  const width = snapshot.columns.length;
  const features = snapshot.features.map((value, cell) =>
    change(value, snapshot.columns[cell % width] as string, Math.floor(cell / width)),
  );
  return { ...snapshot, features };
}

/** The first rows of a snapshot. */
export const firstRows = (snapshot: NumberRows, rows: number): NumberRows => ({
  ...snapshot,
  rows,
  labels: snapshot.labels.slice(0, rows),
  features: snapshot.features.slice(0, rows * snapshot.columns.length),
});
