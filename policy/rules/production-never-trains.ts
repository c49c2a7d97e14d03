import { record, type Subject } from "./rule.ts";

const FORBIDDEN: Readonly<Record<string, string>> = {
  "promotion:training:TrainingPipeline": "trains",
  "pulumi-nodejs:dynamic/promotion:QualityGate": "judges a model that it would then serve",
  "docker:index/image:Image": "builds an image",
  "docker-build:index:Image": "builds an image",
};
/** Resources that say which environment a stack is. */
const TELLING = ["RegistryStage", "DeploymentCheck"];

/** Production serves what staging verified: nothing that is trained or built in production was verified. */
export function productionNeverTrains(resources: readonly Subject[]): string[] {
  const isProduction = resources.some(
    ({ type, props }) =>
      type.endsWith("promotion:Promotion") ||
      (TELLING.some((name) => type.endsWith(`promotion:${name}`)) && props.environment === "production"),
  );
  if (!isProduction) return [];
  return resources.flatMap(({ type, props }) => {
    const what = FORBIDDEN[type] ?? (isTrainer(type, props) ? "trains" : undefined);
    return what === undefined ? [] : [`production ${what} (${type})`];
  });
}

/** The trainer contract: a command that receives the path of the training data is a trainer. */
function isTrainer(type: string, props: Subject["props"]): boolean {
  if (type === "command:local:Command") return "TRAINING_DATA" in record(props.environment);
  return type.startsWith("kubernetes:batch/") && JSON.stringify(props).includes('"TRAINING_DATA"');
}
