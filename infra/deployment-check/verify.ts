import { downloadEvidence } from "../../registry/artifacts.ts";
import { deploymentVerdictTag, type EnvironmentName, readGateEvidence, STAGES } from "../../registry/evidence.ts";
import { type JudgedModel, parseJudgedModel } from "../../registry/gate-report.ts";
import { MlflowClient, type RegistryAccess } from "../../registry/mlflow-client.ts";
import { type ModelVersion, requireVersion } from "../../registry/model-versions.ts";
import { recordFailure } from "../../registry/record-failure.ts";
import { suspendPass } from "../../registry/record-verdict.ts";
import { requireStillApproved } from "../../registry/still-approved.ts";
import { servedAt } from "../fresh-request.ts";
import { type ExpectedContainer, judgeContainer } from "./container-proofs.ts";
import { observe } from "./observe.ts";
import { containerLog, observeContainer } from "./observe-container.ts";
import { judgeDeployment, type Proof } from "./proofs.ts";
import { recordDeployment } from "./record-deployment.ts";

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
  /** Production: what stood on the version when the guard was asked. */
  readonly guardedEvidence?: string;
  /** Artifact URI of the approved gate report; defaults to the one recorded on the version. */
  readonly gateReport?: string;
}

export interface DeploymentCheckOutputs {
  readonly verifiedVersion: string;
  readonly proofs: readonly string[];
  /** What the gate measured of the version, by the metrics' names. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Evidence now recorded on the version for this environment: see evidenceText. */
  readonly evidence: string;
}

/** Probes, records, and throws with every failed proof when one is missing. */
export async function verify(inputs: DeploymentCheckInputs): Promise<DeploymentCheckOutputs> {
  const client = new MlflowClient(inputs.registry);
  const { environment, modelName, modelSha256: sha256, maxLatencyMs, container, apiToken } = inputs;
  const version = await requireVersion(client, modelName, inputs.version);
  if (environment === "production") await requireStillApproved(client, inputs);
  const { samples, metrics } = await readJudgedModel(client, version, inputs.gateReport);
  await suspendPass(client, version, deploymentVerdictTag(environment), "verified");
  const seen = await observe(inputs.url, samples, { apiToken });
  const proofs: Proof[] = [
    ...judgeDeployment(seen, { version: inputs.version, sha256, stage: STAGES[environment], samples, maxLatencyMs }),
    // Last, so that what the requests took of the container's memory is seen.
    ...(container ? judgeContainer(await observeContainer(container), container) : []),
  ];
  const failed = proofs.filter(({ passed }) => !passed);
  const because = failed.map(({ proof, detail }) => `${proof}: ${detail}`);
  const says =
    failed.length === 0
      ? `${modelName} version ${inputs.version} passed its check in ${environment}`
      : `${environment} at ${inputs.url} is not what was approved (${modelName} version ${inputs.version}):\n` +
        because.map((line) => `  - ${line}`).join("\n");
  const { evidence, problem } = await recordDeployment(client, inputs, { version, proofs, metrics, says });
  if (failed.length > 0) {
    const after = await afterFailure(client, inputs, because.join("; "));
    throw new Error(
      `${says}\n${after}${problem === undefined ? "" : ` However, ${problem}`}` +
        (container ? `\nLast lines of its log:\n${await containerLog(container)}` : ""),
    );
  }
  return {
    verifiedVersion: inputs.version,
    proofs: proofs.map(({ proof, detail }) => `${proof}: ${detail}`),
    metrics,
    evidence,
  };
}

/** Reads the rows that the gate's predictor answered, and its metrics. @throws Error when the report is missing or cannot be read */
async function readJudgedModel(
  client: MlflowClient,
  version: ModelVersion,
  report = readGateEvidence(version)?.report,
): Promise<JudgedModel> {
  const what = `gate report of ${version.name} version ${version.version}`;
  if (!report) throw new Error(`there is no ${what}: the gate has not judged it, or could not record its report`);
  try {
    return parseJudgedModel(JSON.parse(new TextDecoder().decode(await downloadEvidence(client, report))));
  } catch (cause) {
    throw new Error(`the ${what} at ${report} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** Leaves the failure in the history; answers what serves now and what the registry says, in words. */
async function afterFailure(client: MlflowClient, inputs: DeploymentCheckInputs, because: string): Promise<string> {
  const { environment, modelName, version, modelSha256, callersUrl } = inputs;
  const served = callersUrl === undefined ? "Callers reach what failed" : `As before, ${await servedAt(callersUrl)}`;
  const why = `${because}. ${served}`;
  return `${served}; ${await recordFailure(client, { environment, modelName, version, modelSha256, why })}.`;
}
