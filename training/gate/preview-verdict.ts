import { readGateEvidence } from "../../registry/evidence.ts";
import { MlflowClient, type RegistryAccess } from "../../registry/mlflow-client.ts";
import { getModelVersion } from "../../registry/model-versions.ts";
import { scriptDigests } from "./custom/scripts.ts";
import { lookUpSurroundings } from "./gate-inputs.ts";
import { type GateTask, judge } from "./judge.ts";
import { policySchema, policySha256 } from "./policy.ts";

/**
 * Predicts in one line the verdict of an update on a registered version, for a preview, where the gate's resource does not run.
 * Runs the gate without writing anything. Returns undefined if the version has passed this policy, on this data, against the current production
 * version, with this runtime: then the update runs no gate. Never throws: a preview must work while the registry is not
 * running.
 */
export async function previewVerdict(registry: RegistryAccess, task: GateTask): Promise<string | undefined> {
  const name = `${task.modelName} version ${task.version}`;
  try {
    const client = MlflowClient.forLookups(registry);
    const policy = policySchema.parse(task.policy);
    const [version, scripts, surroundings] = await Promise.all([
      getModelVersion(client, task.modelName, task.version),
      scriptDigests(policy),
      lookUpSurroundings({ ...task, registry, policy }),
    ]);
    const judged = readGateEvidence(version);
    const isValid =
      judged?.verdict === "passed" &&
      judged.policySha256 === policySha256(policy, { contract: task.contract, scripts }) &&
      judged.champion === surroundings.champion &&
      judged.runtime === surroundings.runtime &&
      (task.evaluationMd5 === undefined || judged.evaluationMd5 === task.evaluationMd5);
    if (isValid) return undefined;
    const { verdict, summary } = await judge(new MlflowClient(registry), { ...task, policy });
    return `expected verdict for ${name} with this policy: ${verdict}: ${summary}`;
  } catch (error) {
    return `cannot predict the verdict for ${name}: ${error instanceof Error ? error.message : error}`;
  }
}
