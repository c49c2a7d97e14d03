import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labelledNumbers } from "../../training/labelled-numbers.ts";
import { fitLogisticRegression } from "../../training/logistic-regression.ts";
import { modelFiles } from "../../training/mlmodel.ts";
import { toOnnx } from "../../training/onnx-model.ts";
import { loadSnapshot } from "../../training/snapshot.ts";

export interface BenchModel extends AsyncDisposable {
  readonly folder: string;
  /** Rows of the evaluation snapshot, with all their digits. */
  rows(count: number): number[][];
}

/** The sample model, as the trainer writes it. */
export async function benchModel(): Promise<BenchModel> {
  const training = labelledNumbers(await loadSnapshot("models/churn/data/train.csv"));
  const { columns, features } = labelledNumbers(await loadSnapshot("models/churn/data/evaluation.csv"));
  const fitted = fitLogisticRegression(training.features, training.labels, { C: 1, maxIterations: 200 });
  const rows = (count: number) =>
    Array.from({ length: count }, (_, row) => [...features.subarray(row * columns.length, (row + 1) * columns.length)]);
  const folder = await mkdtemp(join(tmpdir(), "bench-model-"));
  const files = modelFiles({ onnx: toOnnx(fitted), columns, example: rows(3), runId: "0".repeat(32) });
  for (const [path, content] of files) await writeFile(join(folder, path), content);
  return { folder, rows, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
