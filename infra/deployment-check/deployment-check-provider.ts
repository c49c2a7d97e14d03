import { uploadArtifact } from "../../registry/artifacts.ts";
import { changedTask } from "../../registry/changed-task.ts";
import { type EnvironmentName, environmentTags, STAGES, verdictInOrder } from "../../registry/evidence.ts";
import { readGateReport } from "../../registry/gate-report.ts";
import { MlflowClient, type RegistryAccess } from "../../registry/mlflow-client.ts";
import { getModelVersion, setVersionTags } from "../../registry/model-versions.ts";
import { imageTag } from "../../registry/proved-image.ts";
import { getRun } from "../../registry/runs.ts";
import { type ExpectedContainer, judgeContainer } from "./container-proofs.ts";
import { observe } from "./observe.ts";
import { containerLog, observeContainer } from "./observe-container.ts";
import { judgeDeployment, type Proof } from "./proofs.ts";

export interface DeploymentCheckInputs {
  readonly registry: RegistryAccess;
  readonly environment: EnvironmentName;
  readonly modelName: string;
  readonly version: string;
  readonly modelSha256: string;
  readonly url: string;
  /** Whatever serves: another one is verified anew. */
  readonly instance: string;
  readonly maxLatencyMs: number;
  /** Undefined where it runs in no container. */
  readonly container?: ExpectedContainer;
  /** Undefined where it runs in no container, or in one that says it. */
  readonly image?: string;
  readonly apiToken?: string;
}

export interface DeploymentCheckOutputs {
  readonly verifiedVersion: string;
  readonly proofs: readonly string[];
}

const RELEVANT = [
  ...(["environment", "modelName", "version", "modelSha256", "url", "instance", "maxLatencyMs"] as const),
  ...(["container", "image"] as const),
] as const;

/** Probes, records, and throws with every failed proof when one is missing. */
async function verify(inputs: DeploymentCheckInputs): Promise<DeploymentCheckOutputs> {
  const client = new MlflowClient(inputs.registry);
  const version = await getModelVersion(client, inputs.modelName, inputs.version);
  const { samples } = await readGateReport(client, version);
  const { modelSha256: sha256, maxLatencyMs, container, apiToken } = inputs;
  const seen = await observe(inputs.url, samples, { apiToken });
  const stage = STAGES[inputs.environment];
  const proofs: Proof[] = [
    ...judgeDeployment(seen, { version: inputs.version, sha256, stage, samples, maxLatencyMs }),
    // Last, so that what the requests took of the container's memory is seen.
    ...(container ? judgeContainer(await observeContainer(container), container) : []),
  ];
  await record(client, inputs, proofs);
  const failed = proofs.filter(({ passed }) => !passed);
  if (failed.length > 0)
    throw new Error(
      `${inputs.environment} at ${inputs.url} is not what was approved (${inputs.modelName} version ${inputs.version}):\n` +
        failed.map(({ proof, detail }) => `  - ${proof}: ${detail}`).join("\n") +
        (container ? `\nLast lines of its log:\n${await containerLog(container)}` : ""),
    );
  return { verifiedVersion: inputs.version, proofs: proofs.map(({ proof, detail }) => `${proof}: ${detail}`) };
}

async function record(client: MlflowClient, inputs: DeploymentCheckInputs, proofs: readonly Proof[]): Promise<void> {
  const { environment, modelName: name, version, modelSha256 } = inputs;
  const { runId } = await getModelVersion(client, name, version);
  const { artifactUri } = await getRun(client, runId);
  const image = inputs.container?.image ?? inputs.image;
  const verifiedAt = new Date().toISOString();
  const failed = proofs.filter(({ passed }) => !passed);
  const verdict = failed.length === 0 ? "passed" : "failed";
  const path = `${environment}/report-${verifiedAt.replace(/[:.]/g, "-")}.json`;
  const report = {
    format: "deployment-report/1",
    environment,
    name,
    version,
    modelSha256,
    verdict,
    verifiedAt,
    ...(image !== undefined && { image }),
    proofs,
  };
  await uploadArtifact(client, artifactUri, path, `${JSON.stringify(report, null, 2)}\n`);
  const told = failed.length > 0 ? failed : proofs;
  const summary = told.map(({ proof, detail }) => `${proof}: ${detail}`).join("; ");
  const evidence = { verdict, summary, modelSha256, report: `${artifactUri}/${path}`, verifiedAt } as const;
  // Also where there is no container: the image of an earlier proof is not what this one proved.
  const proved = { [imageTag(environment)]: image ?? "none" };
  const tags = verdictInOrder(
    { ...proved, ...environmentTags(environment, evidence) },
    `${environment}.verdict`,
    verdict,
  );
  await setVersionTags(client, { name, version }, tags);
}

export const provider = {
  async diff(_id: string, olds: DeploymentCheckInputs, news: DeploymentCheckInputs) {
    return { changes: changedTask(olds, news, RELEVANT).length > 0 };
  },
  async create(inputs: DeploymentCheckInputs) {
    return { id: `${inputs.modelName}@${inputs.environment}`, outs: { ...inputs, ...(await verify(inputs)) } };
  },
  async update(_id: string, _olds: DeploymentCheckInputs, news: DeploymentCheckInputs) {
    return { outs: { ...news, ...(await verify(news)) } };
  },
  async delete() {
    // What was proved stays in the registry.
  },
};
