import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { insteadOf, listedNames } from "../data/near-name.ts";
import { type DataFormat, labelsOf } from "../data/reader/data-format.ts";
import { denseTable } from "../data/table.ts";
import { openPredictor } from "../service/predictor/predictor.ts";
import { answerRows } from "./gate/answers/answer-rows.ts";
import { BinaryAnswers } from "./gate/answers/binary-answers.ts";
import { metricsOf } from "./gate/metrics/metrics-of.ts";
import { type LabelledNumbers, labelledNumbers } from "./labelled-numbers.ts";
import { fitLogisticRegression, type LogisticRegression } from "./logistic-regression.ts";
import { modelFiles } from "./mlmodel.ts";
import { withLabels } from "./model-labels.ts";
import { toOnnx } from "./onnx-model.ts";
import { loadSnapshot, type Snapshot } from "./snapshot.ts";
import type { TrainerEnvironment } from "./trainer-environment.ts";

/** Rows to fit or evaluate a model on. */
export interface TrainerData extends LabelledNumbers, Pick<Snapshot, "path" | "md5"> {}

/** A fitted model that is not registered yet, with its data. */
export interface Candidate {
  readonly training: TrainerData;
  /** With the columns of `training`, in their order. */
  readonly evaluation: TrainerData;
  readonly fitted: LogisticRegression;
}

/** Number of training rows in the model's input example. */
const EXAMPLE_ROWS = 3;

/** Reads the snapshots and fits a model. Faults in data or params throw before anything is created. */
export async function fitCandidate(settings: TrainerEnvironment): Promise<Candidate> {
  const { format } = settings;
  requireTwoClasses(format, "the built-in trainer fits two classes. Use a trainer of your own");
  const training = await load(settings.trainingData, format);
  const evaluation = await load(settings.evaluationData, format, training);
  try {
    // Check this before fitting: some classes cannot be exported.
    withLabels({ coefficients: new Float64Array(), intercept: 0 }, training.classes);
    return {
      training,
      evaluation,
      fitted: fitLogisticRegression(training.features, training.labels, settings.params),
    };
  } catch (cause) {
    throw new Error(`${training.path}: ${(cause as Error).message}`, { cause });
  }
}

async function load(path: string, format: DataFormat | undefined, other?: TrainerData): Promise<TrainerData> {
  const snapshot = await loadSnapshot(path, { format });
  const has = snapshot.table.fields.map(({ name }) => name);
  const missing = (other?.columns ?? []).filter((name) => !has.includes(name));
  if (missing.length > 0)
    throw new Error(`${path} lacks columns of ${other?.path}: ${listedNames(missing)}; ${insteadOf(missing, has)}`);
  return { path, md5: snapshot.md5, ...labelledNumbers(snapshot, other?.columns) };
}

/** Writes the model's files to a temporary folder, passes it to `use`, and deletes it. */
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

/** Computes the trainer's own metrics from the exported files, as they will be served. The gate does not trust these metrics. */
export async function trainerMetrics(folder: string, { labels, features, rows, columns, classes }: TrainerData) {
  const predictor = await openPredictor(folder);
  try {
    const width = columns.length;
    const part = (start: number, size: number) =>
      denseTable(predictor.signature.inputs, features.subarray(start * width, (start + size) * width), size);
    const answers = await answerRows(predictor, { rows, part }, new BinaryAnswers(rows, classes));
    const { predicted, epsilon } = answers;
    const metrics = metricsOf({
      task: "binary",
      rows,
      labels,
      predicted,
      epsilon,
      classes: [0, 1],
      ...answers.clipped(),
    });
    // Leave out undefined metrics, for example if all rows have the same class.
    return Object.fromEntries(
      ["accuracy", "f1", "log_loss", "roc_auc"].flatMap((name) =>
        metrics[name] === undefined ? [] : [[`trainer.${name}`, metrics[name]]],
      ),
    );
  } finally {
    await predictor.close();
  }
}

/** Requires a label with two classes. @param reason for the requirement @throws Error for a label with more than two classes or several columns */
function requireTwoClasses(format: DataFormat | undefined, reason: string): void {
  const { classes } = format ?? {};
  if (classes && classes.length !== 2)
    throw new Error(`data.classes lists ${classes.length} classes, ${classes.join(", ")}: ${reason}`);
  const labels = labelsOf(format ?? {});
  if (labels.length > 1) throw new Error(`data.label names ${labels.length} columns, ${labels.join(", ")}: ${reason}`);
}
