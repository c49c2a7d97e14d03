import * as pulumi from "@pulumi/pulumi";
import { driftBinsOf } from "../targets/drift-bins-provider.ts";
import { SECRET, type StackConfig } from "./stack-config.ts";

/** A Kubernetes object. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
  readonly [field: string]: unknown;
}

/** Values that only an update knows. */
export interface Assumptions {
  /** Image with service and model, by digest. */
  readonly image: string;
  readonly version: string;
  readonly sha256: string;
}

/** A resource that the program registered. */
export interface RegisteredResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

const NONE = "0".repeat(64);
/** Replaces an encrypted database URL, whose port determines where MLflow may connect. */
const DATABASE = "postgresql://secret.invalid/mlflow";
/** Recognizable placeholders. */
export const UNKNOWN: Assumptions = { image: `not-built.invalid/service@sha256:${NONE}`, version: "0", sha256: NONE };

/**
 * Runs the whole program for target kubernetes without an engine, a plugin or a cluster: Pulumi's mocks replace every resource.
 * Must not run concurrently, because the SDK's mocks are global.
 */
export async function runStack(
  stack: string,
  config: StackConfig,
  assumed: Assumptions = UNKNOWN,
): Promise<RegisteredResource[]> {
  const { project } = config;
  const registered: RegisteredResource[] = [];
  const settle = pulumi.runtime.setMocks(
    {
      newResource: async ({ type, name, inputs, id }) => {
        registered.push({ type, name, inputs });
        return { id: id ?? name, state: { ...inputs, ...(await outputsOf(type, inputs, assumed)) } };
      },
      call: ({ inputs }) => inputs,
    },
    project,
    stack,
    false,
    "organization",
  );
  await settle;
  pulumi.runtime.setAllConfig(assume(config, assumed), config.secretKeys);
  const { default: program } = await import("../index.ts");
  const { kubernetesTarget } = await import("../targets/kubernetes/kubernetes-target.ts");
  const outputs = await program((settings) => kubernetesTarget(settings));
  for (const value of Object.values(outputs)) await resolved(value);
  await pulumi.runtime.disconnect();
  return registered;
}

/** Returns the Kubernetes objects in an order in which they can be applied. */
export function manifestsOf(registered: readonly RegisteredResource[]): Manifest[] {
  const order = ({ kind }: Manifest) =>
    (MANIFEST_ORDER.indexOf(kind) + MANIFEST_ORDER.length + 1) % (MANIFEST_ORDER.length + 1);
  const manifests = registered
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ inputs }): Manifest => {
      const { apiVersion, kind, metadata, ...rest } = plain(inputs) as Manifest;
      return { apiVersion, kind, metadata, ...rest };
    })
    .sort((a, b) => order(a) - order(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
  const scaled = manifests.flatMap(({ kind, spec }) =>
    kind === "HorizontalPodAutoscaler" ? (spec as { scaleTargetRef: { name: string } }).scaleTargetRef.name : [],
  );
  return manifests.map((manifest) =>
    manifest.kind === "Deployment" && scaled.includes(manifest.metadata.name) ? withoutReplicas(manifest) : manifest,
  );
}

/** Removes the number of replicas: every `kubectl apply` would override the autoscaler, while Pulumi sets it only once. */
function withoutReplicas(manifest: Manifest): Manifest {
  const { replicas: _, ...spec } = manifest.spec as { readonly replicas?: number };
  return { ...manifest, spec };
}

/** Property that marks a secret in the SDK's wire format. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** Unwraps secrets: the object as the cluster would receive it. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Object)) return value;
  if (SIGNATURE in value && "value" in value) return plain(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** Sets the target to kubernetes, and fills in values that would need a registry or a decrypted secret. */
function assume({ project, values }: StackConfig, { image, version }: Assumptions): Record<string, string> {
  const object = (key: string): Record<string, unknown> => JSON.parse(values[`${project}:${key}`] ?? "{}");
  const config = { ...values, [`${project}:target`]: "kubernetes" };
  const set = (key: string, value: object) => {
    config[`${project}:${key}`] = JSON.stringify(value);
  };
  const { mlflow, ...kubernetes } = object("kubernetes");
  const isProduction = values[`${project}:environment`] === "production";
  // Production has no MLflow server.
  const server = isProduction ? mlflow : { image: `not-chosen.invalid/mlflow@sha256:${NONE}`, ...(mlflow as object) };
  set("kubernetes", { image, ...(server !== undefined && { mlflow: server }), ...kubernetes });
  const registry = object("mlflow");
  if (registry.backendStoreUri === SECRET) set("mlflow", { ...registry, backendStoreUri: DATABASE });
  if (isProduction) set("promotion", { version, ...object("promotion") });
  return config;
}

/** Returns the outputs of a mocked resource that Kubernetes objects use. */
async function outputsOf(
  type: string,
  inputs: Record<string, unknown>,
  { image, version, sha256 }: Assumptions,
): Promise<object> {
  const stdout = JSON.stringify({ run_id: "0", version });
  switch (type.split(":").at(-1)) {
    case "StackReference":
      return { outputs: { trackingUri: "http://registry.invalid" }, secretOutputNames: [] };
    case "Command":
    case "JobResult":
      return { stdout };
    case "QualityGate":
    case "Promotion":
      return { approvedVersion: version, modelSha256: sha256, provedImage: image };
    case "DriftBins":
      return { bins: await driftBinsOf(inputs) };
    case "CanaryAnalysis":
      return { approved: inputs.candidate };
    case "DeploymentCheck":
      return { verifiedVersion: version, proofs: [] };
    case "Service":
      return { status: { loadBalancer: {} } };
    default:
      return {};
  }
}

const resolved = <Value>(value: pulumi.Input<Value>) => new Promise((done) => void pulumi.output(value).apply(done));

/** Kinds in order of dependency, as `kubectl apply` of a folder requires. Unlisted kinds come last. */
const MANIFEST_ORDER = [
  "Namespace",
  "NetworkPolicy",
  "Secret",
  "ConfigMap",
  "PersistentVolumeClaim",
  "Service",
  "Deployment",
  "HorizontalPodAutoscaler",
  "PodDisruptionBudget",
  "Job",
  "Ingress",
  "HTTPRoute",
];
