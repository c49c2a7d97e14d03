import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { digestFolder } from "../registry/artifact-digest.ts";
import { uploadArtifact } from "../registry/artifacts.ts";
import type { MlflowClient } from "../registry/mlflow-client.ts";
import { createModelVersion } from "../registry/model-versions.ts";
import { gitCommit } from "../registry/provenance.ts";
import { createRun, endRun, getOrCreateExperiment, logBatch, type Run } from "../registry/runs.ts";
import { type Candidate, trainerMetrics, withModelFolder } from "./candidate.ts";
import { predictionsPath, writePredictions } from "./gate/stored-predictions.ts";
import { ownPredictions } from "./own-predictions.ts";
import type { TrainerEnvironment } from "./trainer-environment.ts";

/** The last line that a trainer prints, besides `run_id`. */
export interface RegisteredCandidate {
  readonly runId: string;
  readonly version: string;
}

/** Folder of the model in the run's artifacts. */
const MODEL_PATH = "model";

/**
 * Logs a candidate to a new MLflow run and registers it as the model's next version. Registration is the last step: if
 * anything fails before it, the run ends as FAILED and the registry does not change.
 * @param log receives progress messages
 */
export async function registerCandidate(
  client: MlflowClient,
  candidate: Candidate,
  settings: TrainerEnvironment,
  log: (line: string) => void,
): Promise<RegisteredCandidate> {
  const experimentId = await getOrCreateExperiment(client, settings.experiment);
  const lineage = {
    data_version: `dvc:${candidate.training.md5}`,
    git_commit: await gitCommit(import.meta.dirname),
  };
  const run = await createRun(client, experimentId, `train ${basename(settings.trainingData)}`, {
    ...lineage,
    evaluation_data_version: `dvc:${candidate.evaluation.md5}`,
    "mlflow.source.name": "training/train.ts",
    "mlflow.source.type": "LOCAL",
    "mlflow.source.git.commit": lineage.git_commit,
  });
  log(`run ${run.runId} in experiment ${settings.experiment}`);
  try {
    const digest = await logRun(client, run, candidate, settings, log);
    await endRun(client, run.runId, "FINISHED");
    const { version } = await createModelVersion(client, {
      name: settings.model,
      source: `${run.artifactUri}/${MODEL_PATH}`,
      runId: run.runId,
      tags: { ...lineage, "model.sha256": digest },
    });
    return { runId: run.runId, version };
  } catch (error) {
    await endRun(client, run.runId, "FAILED").catch((cause) =>
      log(`run ${run.runId} could not be marked as FAILED: ${cause.message}`),
    );
    throw error;
  }
}

/** Logs params, metrics and files; returns the digest of the model's folder. */
async function logRun(
  client: MlflowClient,
  run: Run,
  candidate: Candidate,
  { params }: TrainerEnvironment,
  log: (line: string) => void,
): Promise<string> {
  const { training, evaluation, fitted } = candidate;
  return withModelFolder(candidate, run.runId, async (folder, paths) => {
    const metrics = await trainerMetrics(folder, evaluation);
    log(`accuracy ${metrics["trainer.accuracy"]} on ${evaluation.rows} rows of ${evaluation.path}`);
    await logBatch(client, run.runId, {
      params: {
        C: String(params.C),
        maxIterations: String(params.maxIterations),
        rows: String(training.rows),
        features: String(training.columns.length),
      },
      metrics: { ...metrics, "trainer.iterations": fitted.iterations },
    });
    for (const path of paths) {
      const content = Uint8Array.from(await readFile(join(folder, path)));
      await uploadArtifact(client, run.artifactUri, `${MODEL_PATH}/${path}`, content);
    }
    const own = writePredictions(ownPredictions(fitted, evaluation));
    await uploadArtifact(client, run.artifactUri, predictionsPath(evaluation.md5), own);
    return digestFolder(folder);
  });
}
