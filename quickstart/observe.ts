import { readDeploymentEvidence, readGateEvidence } from "../registry/evidence.ts";
import { MlflowClient } from "../registry/mlflow-client.ts";
import { getModelVersion, getVersionByAlias, searchModelVersions } from "../registry/model-versions.ts";
import { getRun } from "../registry/runs.ts";
import { HealthAnswer, PredictAnswer } from "../service/contract.ts";

export const MODEL = "churn-model";
/** A customer for whom the two versions predict different probabilities. */
const ROW = [0.3, -0.7, 1.1, 0.4, -0.2, 0.9, -1.3, 0.1, 0.5, -0.6];

/** Queries a service's health and its prediction for one customer. */
export async function queryService(port: number) {
  const url = `http://127.0.0.1:${port}`;
  const health = HealthAnswer.parse(await (await fetch(`${url}/health`)).json());
  const response = await fetch(`${url}/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ features: [ROW] }),
  });
  const { predictions, probabilities } = PredictAnswer.parse(await response.json());
  return { health, label: predictions[0], probability: probabilities?.[0]?.[1] };
}

/** Reads what the registry records about a version: evidence and metrics. */
export async function queryRegistry(trackingUri: string, version: string) {
  const client = new MlflowClient({ trackingUri });
  const found = await getModelVersion(client, MODEL, version);
  const { metrics } = await getRun(client, found.runId);
  return { ...found, gate: readGateEvidence(found), staging: readDeploymentEvidence(found, "staging"), metrics };
}

export const countVersions = async (trackingUri: string) =>
  (await searchModelVersions(new MlflowClient({ trackingUri }), MODEL)).length;

export const versionByAlias = async (trackingUri: string, alias: string) =>
  (await getVersionByAlias(new MlflowClient({ trackingUri }), MODEL, alias))?.version;
