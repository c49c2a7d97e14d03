import { type Manifest, manifestsOf, type RegisteredResource, runStack } from "../../../infra/render/render-stack.ts";

export const SHA256 = "1".repeat(64);
export const ASSUMED = { image: `registry.example/churn@sha256:${"2".repeat(64)}`, version: "7", sha256: SHA256 };
export const MLFLOW_IMAGE = `registry.example/mlflow@sha256:${"3".repeat(64)}`;
export const TRAINER_IMAGE = `registry.example/trainer@sha256:${"4".repeat(64)}`;

interface StackOptions {
  readonly environment?: "staging" | "production";
  readonly kubernetes?: object;
  readonly canary?: object;
  readonly mlflow?: object;
  readonly training?: object;
  readonly gatePublicKey?: string;
  readonly reference?: string;
  readonly contract?: object;
  readonly otherUrl?: string;
  /** Plain values of secret keys. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** Returns every resource of a stack with these options, under mocks. */
export async function askedOf(options: StackOptions = {}): Promise<RegisteredResource[]> {
  const { environment = "staging", kubernetes = {}, canary, training = {}, secrets = {} } = options;
  const mlflow = options.mlflow ?? (environment === "production" ? { trackingUri: "http://mlflow.example" } : {});
  const data = {
    training: "training/data/churn/train.csv",
    evaluation: "training/data/churn/evaluation.csv",
    ...(options.reference !== undefined && { reference: options.reference }),
    ...(options.contract && { contract: options.contract }),
  };
  const service = { port: 8000, ...(options.otherUrl !== undefined && { otherUrl: options.otherUrl }) };
  const values = {
    environment,
    target: "kubernetes",
    modelName: "churn-model",
    mlflow,
    data,
    training,
    promotion: {},
    local: {},
    gate: environment === "staging" ? { accuracy: { min: 0.85 } } : {},
    service,
    kubernetes: { mlflow: { image: MLFLOW_IMAGE }, ...kubernetes },
    ...(canary && { canary }),
    ...(options.gatePublicKey !== undefined && { gatePublicKey: options.gatePublicKey }),
    ...secrets,
  };
  const texts = Object.entries(values).map(([key, value]) => [
    `model-promotion:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const secretKeys = Object.keys(secrets).map((key) => `model-promotion:${key}`);
  return runStack(environment, { project: "model-promotion", values: Object.fromEntries(texts), secretKeys }, ASSUMED);
}

/** Returns the stack's Kubernetes objects. */
export const render = async (options: StackOptions = {}): Promise<Manifest[]> => manifestsOf(await askedOf(options));

/** Returns the only object of a kind and, if given, name. */
export function only(manifests: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = manifests.filter((one) => one.kind === kind && (name === undefined || one.metadata.name === name));
  if (found.length === 1 && found[0]) return found[0];
  throw new Error(`${found.length} objects of kind ${kind} ${name ?? ""} among ${names(manifests).join(", ")}`);
}

/** Returns `Kind name` of each object, sorted. */
export const names = (manifests: readonly Manifest[]): string[] =>
  manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();

/** All options, for tests that must hold for any config. */
export const EVERYTHING: StackOptions = {
  kubernetes: {
    pullSecret: "pull",
    mlflow: { image: MLFLOW_IMAGE, storageClass: "fast" },
    service: { requestsInFlight: { average: 20 }, environment: { MAX_ROWS: 500 } },
    exposure: { kind: "ingress", host: "churn.example.com", tlsSecret: "churn-tls", className: "nginx" },
    network: { callerNamespaces: [{ "kubernetes.io/metadata.name": "ingress-nginx" }], callerCidrs: ["10.0.0.0/8"] },
    serviceMonitor: { labels: { release: "prometheus" } },
    training: { image: TRAINER_IMAGE },
  },
  training: { runner: "job" },
  canary: { percent: 20 },
  secrets: { serviceApiToken: "token-of-these-tests", mlflowAwsAccessKeyId: "id", mlflowAwsSecretAccessKey: "key" },
};

/** All options, with a Gateway's route, an external database and a registry password. */
export const ROUTED: StackOptions = {
  kubernetes: {
    namespace: "shared",
    access: "port-forward",
    exposure: { kind: "gateway", host: "churn.example.com", gateway: { name: "public", namespace: "gateways" } },
    service: { type: "LoadBalancer" },
  },
  mlflow: { backendStoreUri: "postgresql://mlflow:word@db.example/mlflow", artifactRoot: "s3://bucket/mlflow" },
  canary: { percent: 10 },
  secrets: { imageRegistryUsername: "robot", imageRegistryPassword: "word-of-a-test" },
};
