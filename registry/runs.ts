import { absent, RegistryError } from "./errors.ts";
import type { MlflowClient } from "./mlflow-client.ts";

export interface Run {
  readonly runId: string;
  /** Root of the run's artifacts, such as `mlflow-artifacts:/1/<run id>/artifacts`. */
  readonly artifactUri: string;
}

interface RunAnswer {
  run: {
    info: { run_id: string; artifact_uri: string; lifecycle_stage?: string };
    data?: { metrics?: { key: string; value: number }[]; params?: { key: string; value: string }[] };
  };
}

export interface Experiment {
  readonly id: string;
  /** Deleted in MLflow: its runs are hidden and nothing can be logged to it until it is restored. */
  readonly isDeleted: boolean;
}

/** Finds an experiment by its name, including a deleted one; undefined if there is none. */
export const findExperiment = (client: MlflowClient, name: string) =>
  readExperiment(client, "mlflow/experiments/get-by-name", { experiment_name: name });

/** Finds an experiment by its id, including a deleted one; undefined if there is none. */
export const findExperimentById = (client: MlflowClient, id: string) =>
  readExperiment(client, "mlflow/experiments/get", { experiment_id: id });

async function readExperiment(
  client: MlflowClient,
  path: string,
  query: Record<string, string>,
): Promise<(Experiment & { readonly name: string }) | undefined> {
  try {
    const { experiment } = await client.call<{
      experiment: { experiment_id: string; name: string; lifecycle_stage?: string };
    }>("GET", path, { query });
    return {
      id: experiment.experiment_id,
      isDeleted: experiment.lifecycle_stage === "deleted",
      name: experiment.name,
    };
  } catch (error) {
    return absent(error);
  }
}

/**
 * Finds or creates the experiment, or restores a deleted one with its runs: it still occupies its name but accepts no runs.
 * @returns its id
 */
export async function getOrCreateExperiment(client: MlflowClient, name: string): Promise<string> {
  const found = await findExperiment(client, name);
  if (found) return restoreExperiment(client, found);
  try {
    const created = await client.call<{ experiment_id: string }>("POST", "mlflow/experiments/create", {
      body: { name },
      idempotent: true,
    });
    return created.experiment_id;
  } catch (error) {
    // Two processes may race to create it: the loser uses the winner's.
    const winner =
      error instanceof RegistryError && error.code === "RESOURCE_ALREADY_EXISTS"
        ? await findExperiment(client, name)
        : undefined;
    if (!winner) throw error;
    return restoreExperiment(client, winner);
  }
}

/** Restores an experiment with its runs if it was deleted. Returns its id. */
export async function restoreExperiment(client: MlflowClient, { id, isDeleted }: Experiment): Promise<string> {
  if (!isDeleted) return id;
  try {
    await client.call("POST", "mlflow/experiments/restore", { body: { experiment_id: id }, idempotent: true });
  } catch (error) {
    // Another process, or an earlier call whose response was lost, may have restored it.
    const now = await findExperimentById(client, id);
    if (!now || now.isDeleted) throw error;
  }
  return id;
}

/** @param startTime milliseconds since 1970 */
export async function createRun(
  client: MlflowClient,
  experimentId: string,
  runName: string,
  tags: Record<string, string> = {},
  startTime: number = Date.now(),
): Promise<Run> {
  const answer = await client.call<RunAnswer>("POST", "mlflow/runs/create", {
    body: { experiment_id: experimentId, run_name: runName, start_time: startTime, tags: pairs(tags) },
  });
  return { runId: answer.run.info.run_id, artifactUri: answer.run.info.artifact_uri };
}

export async function getRun(client: MlflowClient, runId: string) {
  const { run } = await client.call<RunAnswer>("GET", "mlflow/runs/get", { query: { run_id: runId } });
  return {
    runId: run.info.run_id,
    artifactUri: run.info.artifact_uri,
    isDeleted: run.info.lifecycle_stage === "deleted",
    metrics: Object.fromEntries((run.data?.metrics ?? []).map(({ key, value }) => [key, value])),
    params: Object.fromEntries((run.data?.params ?? []).map(({ key, value }) => [key, value])),
  };
}

/**
 * Returns a version's run, to which its evidence is logged.
 * @throws RegistryError if it has none or the run was deleted: MLflow logs nothing to a deleted run and may purge it
 */
export async function requireActiveRun(
  client: MlflowClient,
  { name, version, runId }: { readonly name: string; readonly version: string; readonly runId: string },
): Promise<Run> {
  const subject = `${name} version ${version}`;
  if (!runId) throw new RegistryError(`${subject} has no run to log its evidence to`);
  const run = await getRun(client, runId);
  if (!run.isDeleted) return run;
  throw new RegistryError(
    `the run ${runId} of ${subject} was deleted, but evidence is logged to that run. Restore it in MLflow (mlflow runs restore --run-id ${runId}), then run pulumi up again`,
  );
}

/** Logs metrics, params and tags in one call. MLflow rejects a param that the run already has with another value. */
export async function logBatch(
  client: MlflowClient,
  runId: string,
  batch: { metrics?: Record<string, number>; params?: Record<string, string>; tags?: Record<string, string> },
): Promise<void> {
  const timestamp = Date.now();
  const metrics = Object.entries(batch.metrics ?? {}).map(([key, value]) => ({ key, value, timestamp, step: 0 }));
  await client.call("POST", "mlflow/runs/log-batch", {
    body: { run_id: runId, metrics, params: pairs(batch.params ?? {}), tags: pairs(batch.tags ?? {}) },
    // MLflow stores only one of two equal entries.
    idempotent: true,
  });
}

export async function endRun(client: MlflowClient, runId: string, status: "FINISHED" | "FAILED"): Promise<void> {
  await client.call("POST", "mlflow/runs/update", {
    body: { run_id: runId, status, end_time: Date.now() },
    idempotent: true,
  });
}

export async function deleteRun(client: MlflowClient, runId: string): Promise<void> {
  await client.call("POST", "mlflow/runs/delete", { body: { run_id: runId }, idempotent: true });
}

/** Converts a map to MLflow's list of key-value pairs. */
export function pairs(map: Record<string, string>): { key: string; value: string }[] {
  return Object.entries(map).map(([key, value]) => ({ key, value }));
}
