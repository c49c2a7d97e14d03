import { uploadArtifact } from "../../registry/artifacts.ts";
import { attestDeployment, deploymentAttestationTag } from "../../registry/attestation/deployment-statement.ts";
import { signingKey } from "../../registry/attestation/envelope.ts";
import { storeAttestation } from "../../registry/attestation/store.ts";
import { type EnvironmentName, environmentTags, STAGES, verdictInOrder } from "../../registry/evidence.ts";
import { readGateReport } from "../../registry/gate-report.ts";
import { MlflowClient, type RegistryAccess } from "../../registry/mlflow-client.ts";
import { getModelVersion, setVersionTags } from "../../registry/model-versions.ts";
import { imageTag } from "../../registry/proved-image.ts";
import { recordFailure } from "../../registry/record-failure.ts";
import { getRun } from "../../registry/runs.ts";
import { servedAt } from "../fresh-request.ts";
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
  /** PEM of an Ed25519 private key that the proof is signed with. */
  readonly signingKey?: string;
  /** Undefined where callers reach what is verified while it is. */
  readonly callersUrl?: string;
  readonly runId?: string;
}

export interface DeploymentCheckOutputs {
  readonly verifiedVersion: string;
  readonly proofs: readonly string[];
}

/** Probes, records, and throws with every failed proof when one is missing. */
export async function verify(inputs: DeploymentCheckInputs): Promise<DeploymentCheckOutputs> {
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
  if (failed.length > 0) {
    const because = failed.map(({ proof, detail }) => `${proof}: ${detail}`);
    const after = await afterFailure(client, inputs, because.join("; "));
    throw new Error(
      `${inputs.environment} at ${inputs.url} is not what was approved (${inputs.modelName} version ${inputs.version}):\n` +
        because.map((line) => `  - ${line}`).join("\n") +
        `\n${after}` +
        (container ? `\nLast lines of its log:\n${await containerLog(container)}` : ""),
    );
  }
  return { verifiedVersion: inputs.version, proofs: proofs.map(({ proof, detail }) => `${proof}: ${detail}`) };
}

/** Leaves the failure in the history; answers what serves now and what the registry says, in words. */
async function afterFailure(client: MlflowClient, inputs: DeploymentCheckInputs, because: string): Promise<string> {
  const { environment, modelName, version, modelSha256, callersUrl } = inputs;
  const served = callersUrl === undefined ? "Callers reach what failed" : `As before, ${await servedAt(callersUrl)}`;
  const why = `${because}. ${served}`;
  return `${served}; ${await recordFailure(client, { environment, modelName, version, modelSha256, why })}.`;
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
  // Also where there is no container: the image of an earlier proof is not what this one proved, nor is its signature.
  const proved = {
    [imageTag(environment)]: image ?? "none",
    [deploymentAttestationTag(environment)]: await sign(client, inputs, artifactUri, {
      ...{ environment, verdict, image: image ?? "none", verifiedAt },
    }),
  };
  const tags = verdictInOrder(
    { ...proved, ...environmentTags(environment, evidence) },
    `${environment}.verdict`,
    verdict,
  );
  await setVersionTags(client, { name, version }, tags);
}

/** Answers the envelope's artifact URI; empty without a key. */
async function sign(
  client: MlflowClient,
  { environment, modelName, version, modelSha256, signingKey: pem }: DeploymentCheckInputs,
  artifactUri: string,
  predicate: Parameters<typeof attestDeployment>[0]["predicate"],
): Promise<string> {
  if (pem === undefined) return "";
  const envelope = attestDeployment({ modelName, version, modelSha256, predicate }, signingKey(pem));
  const path = `${environment}/attestation-${predicate.verifiedAt.replace(/[:.]/g, "-")}.json`;
  return storeAttestation(client, artifactUri, path, envelope);
}
