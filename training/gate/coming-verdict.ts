import { readGateEvidence } from "../../registry/evidence.ts";
import { MlflowClient, type RegistryAccess } from "../../registry/mlflow-client.ts";
import { getModelVersion } from "../../registry/model-versions.ts";
import { scriptDigests } from "./custom/scripts.ts";
import { lookUpSurroundings } from "./gate-inputs.ts";
import { type GateTask, judge } from "./judge.ts";
import { policySchema, policySha256 } from "./policy.ts";

/**
 * What an update would say of a version that is registered already, in one line, for a preview: the gate's resource does not run
 * there. It is the gate itself, and like the gate's judging it writes nothing. Undefined when the version has passed this policy, on these data,
 * against what production serves, with this runtime: nothing is coming then. It never throws: a registry that is not running is no reason to stop a
 * preview.
 */
export async function comingVerdict(registry: RegistryAccess, task: GateTask): Promise<string | undefined> {
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
    const stands =
      judged?.verdict === "passed" &&
      judged.policySha256 === policySha256(policy, { contract: task.contract, scripts }) &&
      judged.champion === surroundings.champion &&
      judged.runtime === surroundings.runtime &&
      (task.evaluationMd5 === undefined || judged.evaluationMd5 === task.evaluationMd5);
    if (stands) return undefined;
    const { verdict, summary } = await judge(new MlflowClient(registry), { ...task, policy });
    return `coming verdict for ${name} with this policy: ${verdict}: ${summary}`;
  } catch (error) {
    return `the coming verdict for ${name} cannot be shown: ${error instanceof Error ? error.message : error}`;
  }
}
