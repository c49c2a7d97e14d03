import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { denseTable } from "../data/table.ts";
import { openPredictor } from "../service/predictor/predictor.ts";
import { answer } from "./gate/evaluation.ts";
import { fitLogisticRegression, type LogisticRegression } from "./logistic-regression.ts";
import { accuracy, f1, logLoss, rocAuc } from "./metrics.ts";
import { modelFiles } from "./mlmodel.ts";
import { withLabels } from "./model-labels.ts";
import { toOnnx } from "./onnx-model.ts";
import { withColumns } from "./shared-columns.ts";
import { loadSnapshot, type Snapshot } from "./snapshot.ts";
import type { TrainerEnvironment } from "./trainer-environment.ts";
import { requireTwoClasses } from "./two-classes.ts";

/** A fitted model that no server knows of yet, with the data that it comes from. */
export interface Candidate {
  readonly training: Snapshot;
  readonly evaluation: Snapshot;
  readonly fitted: LogisticRegression;
}

/** Rows of the training data that are shown in the model's input example. */
const EXAMPLE_ROWS = 3;

/** Reads the snapshots and fits. All that can be wrong with data and params is said here, before anything is created anywhere. */
export async function fitCandidate(settings: TrainerEnvironment): Promise<Candidate> {
  const { format } = settings;
  requireTwoClasses(format, "the built-in trainer fits two classes. Use a trainer of your own");
  const training = await loadSnapshot(settings.trainingData, { format });
  const evaluation = await loadSnapshot(settings.evaluationData, { format });
  const missing = training.columns.filter((name) => !evaluation.columns.includes(name));
  if (missing.length > 0)
    throw new Error(
      `${evaluation.path} lacks columns of ${training.path}: ${missing.join(", ")}. It has ${evaluation.columns.join(", ")}`,
    );
  try {
    // Before the fitting: classes that no model can be written for.
    withLabels({ coefficients: new Float64Array(), intercept: 0 }, training.classes);
    return {
      training,
      evaluation: withColumns(evaluation, training.columns),
      fitted: fitLogisticRegression(training.features, training.labels, settings.params),
    };
  } catch (cause) {
    throw new Error(`${training.path}: ${(cause as Error).message}`, { cause });
  }
}

/** Writes the model's files to a new temporary folder, gives that to `use`, and removes it. */
export async function withModelFolder<T>(
  { training, fitted }: Candidate,
  runId: string,
  use: (folder: string, paths: readonly string[]) => Promise<T>,
): Promise<T> {
  const width = training.columns.length;
  const example = Array.from({ length: Math.min(EXAMPLE_ROWS, training.rows) }, (_, row) => [
    ...training.features.subarray(row * width, (row + 1) * width),
  ]);
  const { model, labels } = withLabels(fitted, training.classes);
  const files = modelFiles({ onnx: toOnnx(model, labels), columns: training.columns, example, runId, labels });
  const folder = await mkdtemp(join(tmpdir(), "candidate-"));
  try {
    for (const [path, content] of files) await writeFile(join(folder, path), content);
    return await use(folder, [...files.keys()]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The trainer's own opinion of its model: the exported files, run as they will be served. The gate does not trust it. */
export async function trainerMetrics(folder: string, { labels, features, rows, columns, classes }: Snapshot) {
  const predictor = await openPredictor(folder);
  try {
    const width = columns.length;
    const inputs = (start: number, size: number) =>
      denseTable(predictor.signature.inputs, features.subarray(start * width, (start + size) * width), size);
    const { predicted, positive = new Float64Array(rows).fill(Number.NaN) } = await answer(
      predictor,
      rows,
      inputs,
      classes,
    );
    return {
      "trainer.accuracy": accuracy(labels, predicted),
      "trainer.f1": f1(labels, predicted),
      "trainer.log_loss": logLoss(labels, positive),
      // Not defined when the evaluation rows are all of one class.
      ...(new Set(labels).size === 2 && { "trainer.roc_auc": rocAuc(labels, positive) }),
    };
  } finally {
    await predictor.close();
  }
}
