import { downloadEvidence } from "../../registry/artifacts.ts";
import { deploymentVerdictTag, type EnvironmentName, readGateEvidence, STAGES } from "../../registry/evidence.ts";
import { type JudgedModel, parseJudgedModel } from "../../registry/gate-report.ts";
import { MlflowClient, type RegistryAccess } from "../../registry/mlflow-client.ts";
import { type ModelVersion, requireVersion } from "../../registry/model-versions.ts";
import { recordFailure } from "../../registry/record-failure.ts";
import { suspendPass } from "../../registry/record-verdict.ts";
import { requireStillApproved } from "../../registry/still-approved.ts";
import { describeServed, getFresh } from "../fresh-request.ts";
import { type ExpectedContainer, judgeContainer } from "./container-proofs.ts";
import { observe } from "./observe.ts";
import { containerLog, observeContainer } from "./observe-container.ts";
import { describeProofs, judgeDeployment, type Proof } from "./proofs.ts";
import { recordDeployment } from "./record-deployment.ts";

export interface DeploymentCheckInputs {
  readonly registry: RegistryAccess;
  readonly environment: EnvironmentName;
  readonly modelName: string;
  readonly version: string;
  readonly modelSha256: string;
  readonly url: string;
  /** Identity of the serving process or container: a different one is verified again. */
  readonly instance: string;
  readonly maxLatencyMs: number;
  /** Undefined if it does not run in a container. */
  readonly container?: ExpectedContainer;
  /** Undefined if it does not run in a container, or if `container` includes it. */
  readonly image?: string;
  readonly apiToken?: string;
  /** PEM of the Ed25519 private key that signs the result. */
  readonly signingKey?: string;
  /** Undefined if callers already reach the service during the check. */
  readonly callersUrl?: string;
  readonly runId?: string;
  /** Production: the evidence on the version that the guard accepted. */
  readonly guardedEvidence?: string;
  /** Artifact URI of the approved gate report; defaults to the one recorded on the version. */
  readonly gateReport?: string;
}

export interface DeploymentCheckOutputs {
  readonly verifiedVersion: string;
  readonly proofs: readonly string[];
  /** The gate's measurements of the version, by metric name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Evidence now recorded on the version for this environment; see evidenceText. */
  readonly evidence: string;
}

/** Probes the service, records the result, and throws with every failed proof. */
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
    // Last, so that the container's memory includes what the requests used.
    ...(container ? judgeContainer(await observeContainer(container), container) : []),
  ];
  const failed = proofs.filter(({ passed }) => !passed);
  const because = describeProofs(failed);
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

/** Reads the gate's sampled rows, predictions and metrics. @throws Error if the report is missing or cannot be read */
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

/** Records the failure in the history. Returns a sentence about what serves now and the registry's stage. */
async function afterFailure(client: MlflowClient, inputs: DeploymentCheckInputs, because: string): Promise<string> {
  const { environment, modelName, version, modelSha256 } = inputs;
  const served = await callersReach(inputs);
  const why = `${because}. ${served}`;
  return `${served}; ${await recordFailure(client, { environment, modelName, version, modelSha256, why })}.`;
}

/**
 * Describes what callers reach after a failed check, in one sentence without a full stop. Never throws. Does not repeat why the service did not
 * respond: the failed proofs include that.
 */
export async function callersReach({
  url,
  callersUrl,
}: Pick<DeploymentCheckInputs, "url" | "callersUrl">): Promise<string> {
  if (callersUrl !== undefined) return `As before, ${await describeServed(callersUrl)}`;
  const answers = await getFresh(`${url}/health`).then(
    () => true,
    () => false,
  );
  return answers
    ? "Callers reach the failed version"
    : "What callers reach is unknown, because this machine got no answer";
}
