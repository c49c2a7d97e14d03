import * as apps from "@pulumi/kubernetes/apps/v1/index.js";
import * as core from "@pulumi/kubernetes/core/v1/index.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings.ts";
import type { TargetSecrets } from "../target-secrets.ts";
import { OWNER_PATH } from "./existing-objects.ts";
import { secret } from "./hashed-config.ts";
import { labels, MLFLOW_PORT, OWNED, selector } from "./labels.ts";
import { volumeClaim } from "./mlflow-claim.ts";
import { allowedHosts, type MlflowStorage, mlflowPod, needsVolume } from "./mlflow-pod.ts";
import { allowOnly, callers, toPorts } from "./network-policies.ts";
import { pullSecretOf } from "./pull-secret.ts";
import { clusterInputs, hashOfPods, Rollout, UNAWAITED, UNAWAITED_PATH } from "./rollout.ts";
import type { StackScope } from "./stack-scope.ts";

/** Name of the server's objects. */
export const MLFLOW_NAME = "mlflow";
/** Default ports by scheme. */
const PORTS: Readonly<Record<string, number>> = { "postgresql:": 5432, "mysql:": 3306, "http:": 80, "https:": 443 };

/** URL of the server for pods, without a slash at the end. */
export const mlflowClusterUrl = (namespace: string): string => `http://${MLFLOW_NAME}.${namespace}.svc:${MLFLOW_PORT}`;

/**
 * Describes the MLflow server: SQLite and artifacts on a volume, or a database and an object store elsewhere.
 * @returns its uid, known once callers reach it, so that a destroy removes access to it last
 * @throws RunError if the config names no image
 */
export function mlflowServer(
  name: string,
  settings: Pick<Settings, "mlflow">,
  scope: StackScope,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const { backendStoreUri, artifactRoot, s3Endpoint, image: shared } = settings.mlflow;
  const image = scope.settings.mlflow.image ?? (shared.includes("@sha256:") ? shared : undefined);
  if (!image)
    throw new pulumi.RunError(
      "kubernetes.mlflow.image is missing: MLflow's own server needs an image by digest, such as " +
        "ghcr.io/mlflow/mlflow@sha256:<digest> (docker buildx imagetools inspect ghcr.io/mlflow/mlflow:v3.17.2 shows it). " +
        "Set it with: pulumi config set --path kubernetes.mlflow.image <image>, or name an existing server: mlflow.trackingUri",
    );
  const storage: MlflowStorage = { database: backendStoreUri !== undefined, artifactRoot, s3Endpoint };
  const common = labels(scope.modelName, MLFLOW_NAME, "mlflow");
  const selected = selector(MLFLOW_NAME, "mlflow");
  const metadata = { name: MLFLOW_NAME, namespace: scope.namespace, labels: common, annotations: OWNED };
  const claim = needsVolume(storage) ? volumeClaim(`${name}-data`, MLFLOW_NAME, scope, opts) : undefined;
  const values = secretValues(backendStoreUri, scope.secrets.mlflowAws);
  const credentials =
    Object.keys(values).length > 0
      ? secret(`${name}-secret`, { prefix: MLFLOW_NAME, labels: common, values }, scope, opts)
      : undefined;
  const hosts = allowedHosts(scope.namespaceName, settings.mlflow.port, settings.mlflow.allowedHosts);
  const pull = pullSecretOf(`${name}-pull`, { prefix: `${MLFLOW_NAME}-pull`, labels: common, image }, scope, opts);
  const template = mlflowPod({
    image,
    storage,
    claim,
    hosts,
    labels: common,
    secret: credentials?.name,
    settings: scope.settings,
    pullSecret: pull?.name,
  });
  const dependsOn = [credentials, pull].flatMap((made) => made?.object ?? []);
  const deployment = new apps.Deployment(
    `${name}-server`,
    {
      metadata: { ...metadata, annotations: { ...scope.owner, ...UNAWAITED, ...OWNED } },
      spec: {
        replicas: 1,
        // SQLite and a ReadWriteOnce volume have one writer, so the old pod stops before the new one starts.
        strategy: { type: claim ? "Recreate" : "RollingUpdate" },
        selector: { matchLabels: selected },
        template,
      },
    },
    scope.options(opts, { dependsOn, ignoreChanges: [OWNER_PATH] }),
  );
  const rollout = new Rollout(
    `${name}-rollout`,
    {
      ...clusterInputs(scope),
      namespace: scope.namespaceName,
      deployment: deployment.metadata.name,
      pods: hashOfPods(deployment.metadata.uid, template),
      template,
      replicas: 1,
      ...(claim !== undefined && { isFixed: true }),
      timeoutSeconds: scope.settings.rolloutTimeoutSeconds,
    },
    opts,
  );
  const service = new core.Service(
    `${name}-service`,
    {
      metadata: { ...metadata, annotations: { ...UNAWAITED, ...OWNED } },
      spec: { selector: selected, ports: [{ name: "http", port: MLFLOW_PORT, targetPort: "http" }] },
    },
    scope.options(opts, { dependsOn: [rollout], ignoreChanges: [UNAWAITED_PATH] }),
  );
  const outside = [
    ...(backendStoreUri ? [portOf(backendStoreUri)] : []),
    ...(artifactRoot ? [portOf(s3Endpoint ?? "https://s3")] : []),
  ];
  const network = allowOnly(
    `${name}-network`,
    {
      name: MLFLOW_NAME,
      labels: common,
      selector: selected,
      port: MLFLOW_PORT,
      from: callers(scope.settings) ?? [{ podSelector: {} }],
      ...(outside.length > 0 && { to: toPorts(...new Set([...outside, ...scope.settings.network.egressPorts])) }),
    },
    scope,
    opts,
  );
  return pulumi
    .all([deployment.metadata.uid, service.metadata.uid, network.metadata.uid, rollout.pods])
    .apply(([instance]) => instance);
}

/**
 * Returns the port of a URL. SQLAlchemy's may name a driver: `postgresql+psycopg2://…`.
 * @throws RunError without the value, which may contain a password; only the database's URL has not been validated before
 */
export function portOf(url: string): number {
  if (!/^[a-z][\w+.-]*:\/\//i.test(url) || !URL.canParse(url))
    throw new pulumi.RunError(
      "mlflow.backendStoreUri must be a URL such as postgresql://user:password@host:5432/mlflow. " +
        "Set it with: pulumi config set --secret --path mlflow.backendStoreUri <url>",
    );
  const { port, protocol } = new URL(url);
  return Number(port) || (PORTS[protocol.replace(/\+.*:/, ":")] ?? 443);
}

function secretValues(
  backendStoreUri: string | undefined,
  aws: TargetSecrets["mlflowAws"],
): Record<string, pulumi.Input<string>> {
  return {
    ...(backendStoreUri && { MLFLOW_BACKEND_STORE_URI: pulumi.secret(backendStoreUri) }),
    ...(aws && { AWS_ACCESS_KEY_ID: aws.accessKeyId, AWS_SECRET_ACCESS_KEY: aws.secretAccessKey }),
  };
}
