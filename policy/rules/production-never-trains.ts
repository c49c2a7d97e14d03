import { record, type Subject } from "./rule.ts";

const FORBIDDEN: Readonly<Record<string, string>> = {
  "promotion:training:TrainingPipeline": "train",
  "pulumi-nodejs:dynamic/promotion:QualityGate": "judge the model that it serves",
  "docker:index/image:Image": "build an image",
  "docker-build:index:Image": "build an image",
};
/** Resources with the stack's environment as an input. */
const WITH_ENVIRONMENT = ["RegistryStage", "DeploymentCheck"];

/** Keeps training and builds out of production, which serves only what staging verified. */
export function productionNeverTrains(resources: readonly Subject[]): string[] {
  const isProduction = resources.some(
    ({ type, props }) =>
      type.endsWith("promotion:Promotion") ||
      (WITH_ENVIRONMENT.some((name) => type.endsWith(`promotion:${name}`)) && props.environment === "production"),
  );
  if (!isProduction) return [];
  return resources.flatMap(({ type, props }) => {
    const action = FORBIDDEN[type] ?? (isTrainer(type, props) ? "train" : undefined);
    return action === undefined ? [] : [`a production stack must not ${action} (${type})`];
  });
}

/** Recognises a trainer by the trainer contract: it is a command or Job that receives the path of the training data. */
function isTrainer(type: string, props: Subject["props"]): boolean {
  if (type === "command:local:Command") return "TRAINING_DATA" in record(props.environment);
  return type.startsWith("kubernetes:batch/") && JSON.stringify(props).includes('"TRAINING_DATA"');
}
