import { isNotFound, RegistryError } from "./errors.ts";
import type { MlflowClient } from "./mlflow-client.ts";

export interface Run {
  readonly runId: string;
  /** Root of the run's artifacts, such as `mlflow-artifacts:/1/<run id>/artifacts`. */
  readonly artifactUri: string;
}

interface RunAnswer {
  run: {
    info: { run_id: string; artifact_uri: string };
    data?: { metrics?: { key: string; value: number }[]; params?: { key: string; value: string }[] };
  };
}

/** The experiment's id; undefined when there is none of that name. */
export async function findExperiment(client: MlflowClient, name: string): Promise<string | undefined> {
  try {
    const found = await client.call<{ experiment: { experiment_id: string } }>(
      "GET",
      "mlflow/experiments/get-by-name",
      { query: { experiment_name: name } },
    );
    return found.experiment.experiment_id;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Finds the experiment, or creates it. Two processes may race for it: whoever loses reads the winner's. */
export async function getOrCreateExperiment(client: MlflowClient, name: string): Promise<string> {
  const found = await findExperiment(client, name);
  if (found !== undefined) return found;
  try {
    const made = await client.call<{ experiment_id: string }>("POST", "mlflow/experiments/create", {
      body: { name },
      repeatable: true,
    });
    return made.experiment_id;
  } catch (error) {
    const winner =
      error instanceof RegistryError && error.code === "RESOURCE_ALREADY_EXISTS"
        ? await findExperiment(client, name)
        : undefined;
    if (winner === undefined) throw error;
    return winner;
  }
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
    metrics: Object.fromEntries((run.data?.metrics ?? []).map(({ key, value }) => [key, value])),
    params: Object.fromEntries((run.data?.params ?? []).map(({ key, value }) => [key, value])),
  };
}

/** Logs in one call. A param that the run already has with another value is refused by MLflow. */
export async function logBatch(
  client: MlflowClient,
  runId: string,
  batch: { metrics?: Record<string, number>; params?: Record<string, string>; tags?: Record<string, string> },
): Promise<void> {
  const timestamp = Date.now();
  const metrics = Object.entries(batch.metrics ?? {}).map(([key, value]) => ({ key, value, timestamp, step: 0 }));
  await client.call("POST", "mlflow/runs/log-batch", {
    body: { run_id: runId, metrics, params: pairs(batch.params ?? {}), tags: pairs(batch.tags ?? {}) },
    // MLflow keeps one of two equal entries.
    repeatable: true,
  });
}

export async function endRun(client: MlflowClient, runId: string, status: "FINISHED" | "FAILED"): Promise<void> {
  await client.call("POST", "mlflow/runs/update", {
    body: { run_id: runId, status, end_time: Date.now() },
    repeatable: true,
  });
}

/** MLflow's way to write a map. */
export function pairs(map: Record<string, string>): { key: string; value: string }[] {
  return Object.entries(map).map(([key, value]) => ({ key, value }));
}
