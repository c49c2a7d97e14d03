import type { Settings } from "./settings.ts";

/** Keys of the stack's MLflow server that only target docker reads, and those that both container targets read. */
const OF_CONTAINER = ["mlflow.base", "mlflow.volume", "mlflow.address"];
const OF_CONTAINERS = [
  "mlflow.image",
  "mlflow.backendStoreUri",
  "mlflow.artifactRoot",
  "mlflow.s3Endpoint",
  "mlflow.allowedHosts",
  "mlflowAwsAccessKeyId",
  "mlflowAwsSecretAccessKey",
];
const OF_SERVER = ["mlflow.port", ...OF_CONTAINER, ...OF_CONTAINERS];

const because = (keys: readonly string[], why: string) => Object.fromEntries(keys.map((key) => [key, why]));

/** Keys that production does not read, each with the reason. */
const OF_STAGING: Readonly<Record<string, string>> = {
  gate: "production does not judge models: the policy belongs to staging",
  training: "production does not train models",
  "data.pull": "production does not fetch snapshots",
  "data.contract": "production's service uses the contract that the version's gate judged by",
  gateSigningKey: "production does not sign verdicts; it checks signatures with gatePublicKey",
  "kubernetes.training": "production does not train models",
  ...because([...OF_SERVER, "kubernetes.mlflow"], "the MLflow server belongs to staging"),
};
/** Keys that staging does not read. */
const OF_PRODUCTION: Readonly<Record<string, string>> = {
  "promotion.version": "staging serves the version it has just judged",
  "promotion.override": "staging has no promotion guard",
  "mlflow.stack": "staging runs its own MLflow server or uses mlflow.trackingUri",
};
/** Sections that only other targets read. */
const OF_OTHER_TARGETS: Readonly<Record<Settings["target"], readonly string[]>> = {
  local: ["docker", "image", "kubernetes", "canary"],
  docker: ["local", "kubernetes", "canary"],
  kubernetes: [],
};
/** Keys of the stack's MLflow server that do not exist on a target. */
const WITHOUT_SERVER: Readonly<Record<Settings["target"], readonly string[]>> = {
  local: [...OF_CONTAINER, ...OF_CONTAINERS],
  docker: [],
  kubernetes: OF_CONTAINER,
};

/**
 * Finds config keys that are set but not read by the stack: keys of the other environment or of another target.
 * @param raw values by key, objects parsed; empty objects are Pulumi.yaml's defaults
 * @returns a warning for each key: the finding in its first line, the reason and remedy in the second
 */
export function unreadKeys(
  raw: Readonly<Record<string, unknown>>,
  { environment, target }: Pick<Settings, "environment" | "target">,
  stack: string,
): string[] {
  const elsewhere = isSet(raw, ["mlflow", "trackingUri"]) ? OF_SERVER : [];
  const unread = Object.entries({
    ...(environment === "production"
      ? OF_STAGING
      : {
          ...OF_PRODUCTION,
          ...because(WITHOUT_SERVER[target], `the MLflow server of target ${target} has no such setting`),
          ...because(elsewhere, "it uses the MLflow server at mlflow.trackingUri and runs none"),
        }),
    ...because(OF_OTHER_TARGETS[target], `its target is ${target}`),
  });
  const isOfUnreadSection = (key: string) =>
    key.includes(".") && OF_OTHER_TARGETS[target].some((one) => key.startsWith(`${one}.`));
  return unread
    .filter(([key]) => isSet(raw, key.split(".")) && !isOfUnreadSection(key))
    .map(
      ([key, why]) =>
        `${key} is set, but stack ${stack} does not read it\n${why}. Remove it with: pulumi config rm --path ${key} --stack ${stack}`,
    );
}

function isSet(raw: unknown, [key = "", ...deeper]: readonly string[]): boolean {
  const value = (raw as Readonly<Record<string, unknown>> | undefined)?.[key];
  if (deeper.length > 0) return isSet(value, deeper);
  return value instanceof Object ? Object.keys(value).length > 0 : value !== undefined && value !== "";
}
