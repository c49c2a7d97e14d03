import { readGateEvidence } from "../../registry/evidence.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { getModelVersion } from "../../registry/model-versions.ts";
import { judge } from "./judge.ts";
import { policySha256 } from "./policy.ts";
import type { QualityGateInputs } from "./quality-gate-provider.ts";

/**
 * What the gate would say of a version now; undefined when it has said it already, of this policy and this data. Writes nothing.
 * @throws Error when registry or data cannot be read
 */
export async function comingVerdict(task: QualityGateInputs): Promise<string | undefined> {
  const client = new MlflowClient(task.registry);
  const evidence = readGateEvidence(await getModelVersion(client, task.modelName, task.version));
  const isJudged =
    evidence?.policySha256 === policySha256(task.policy) && evidence.evaluationMd5 === task.evaluationMd5;
  if (isJudged) return undefined;
  const { verdict, summary, model } = await judge(client, task);
  return `${model.name} version ${model.version} will be judged anew; coming verdict: ${verdict} (${summary})`;
}
