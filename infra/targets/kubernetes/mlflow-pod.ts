import type * as inputs from "@pulumi/kubernetes/types/input.js";
import type { Input } from "@pulumi/pulumi";
import { MLFLOW_ENVIRONMENT } from "../local/mlflow-command.ts";
import type { KubernetesSettings } from "./kubernetes-settings.ts";
import { MLFLOW_PORT } from "./labels.ts";
import { CONTAINER_SECURITY, podSecurity, TMP_MOUNT, TMP_VOLUME } from "./pod-security.ts";

const MLFLOW_USER = 10001;
const DATA = "/mlflow";

/** Where the server stores its data. */
export interface MlflowStorage {
  /** Whether the database is elsewhere, with its URL in the Secret; else SQLite on the volume. */
  readonly database: boolean;
  /** Artifact location elsewhere; else on the volume. */
  readonly artifactRoot?: string | undefined;
  readonly s3Endpoint?: string | undefined;
}

/** Whether a volume is used, which only one pod at a time may write. */
export const needsVolume = ({ database, artifactRoot }: MlflowStorage): boolean => !database || !artifactRoot;

/** Returns every host name of the server, with and without port: it rejects requests for others with 403. */
export function allowedHosts(namespace: string, port: number, more: readonly string[]): string {
  const names = ["mlflow", `mlflow.${namespace}`, `mlflow.${namespace}.svc`, `mlflow.${namespace}.svc.cluster.local`];
  const local = ["localhost", "127.0.0.1"].flatMap((host) => [host, `${host}:${port}`]);
  return [...names.flatMap((name) => [name, `${name}:${MLFLOW_PORT}`]), ...local, ...more].join(",");
}

interface MlflowPodArgs {
  readonly image: string;
  readonly labels: Record<string, string>;
  readonly storage: MlflowStorage;
  readonly claim?: Input<string> | undefined;
  /** Secret whose keys are environment variables. */
  readonly secret?: Input<string> | undefined;
  /** Secret to pull the image with. */
  readonly pullSecret?: Input<string> | undefined;
  readonly hosts: string;
  readonly settings: KubernetesSettings;
}

/** Describes a pod of the MLflow server: one worker, proxied artifacts, no telemetry. */
export function mlflowPod(args: MlflowPodArgs): inputs.core.v1.PodTemplateSpec {
  const { storage, claim, secret, settings } = args;
  const { cpu, cpuLimit, memory } = settings.mlflow;
  const environment = {
    ...MLFLOW_ENVIRONMENT,
    MLFLOW_SERVER_ALLOWED_HOSTS: args.hosts,
    // The root is read-only.
    HOME: "/tmp",
    ...(storage.s3Endpoint && { MLFLOW_S3_ENDPOINT_URL: storage.s3Endpoint }),
    // A value here would override the Secret's value of the same name, which comes from envFrom.
    ...(!storage.database && { MLFLOW_BACKEND_STORE_URI: `sqlite:///${DATA}/mlflow.db` }),
  };
  const probe = { httpGet: { path: "/health", port: "http" }, timeoutSeconds: 5 };
  return {
    metadata: { labels: args.labels },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: podSecurity(MLFLOW_USER),
      ...(args.pullSecret && { imagePullSecrets: [{ name: args.pullSecret }] }),
      containers: [
        {
          name: "mlflow",
          image: args.image,
          securityContext: CONTAINER_SECURITY,
          command: [
            "mlflow",
            "server",
            "--host",
            "0.0.0.0",
            "--port",
            String(MLFLOW_PORT),
            "--workers",
            "1",
            "--serve-artifacts",
            "--artifacts-destination",
            storage.artifactRoot ?? `${DATA}/artifacts`,
          ],
          env: Object.entries(environment).map(([name, value]) => ({ name, value })),
          ...(secret && { envFrom: [{ secretRef: { name: secret } }] }),
          ports: [{ name: "http", containerPort: MLFLOW_PORT }],
          resources: { requests: { cpu, memory }, limits: { cpu: cpuLimit, memory } },
          startupProbe: { ...probe, periodSeconds: 2, failureThreshold: 90 },
          readinessProbe: { ...probe, periodSeconds: 5 },
          livenessProbe: { ...probe, periodSeconds: 20 },
          volumeMounts: [TMP_MOUNT, ...(claim ? [{ name: "data", mountPath: DATA }] : [])],
        },
      ],
      volumes: [TMP_VOLUME, ...(claim ? [{ name: "data", persistentVolumeClaim: { claimName: claim } }] : [])],
    },
  };
}
