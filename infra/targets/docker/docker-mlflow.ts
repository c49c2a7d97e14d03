import { isIPv6 } from "node:net";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings.ts";
import type { MlflowServer } from "../target.ts";
import { confined, labels } from "./hardening.ts";
import { type MlflowImageOptions, mlflowImage } from "./mlflow-image.ts";
import { type DataVolumeOptions, dataVolume } from "./mlflow-volume.ts";

const PORT = 5000;
const DATA = "/data";
const MEMORY_MB = 2048;
const CPUS = 2;
const START_SECONDS = 180;

export interface MlflowContainerOptions extends DataVolumeOptions, MlflowImageOptions {
  /** Credentials for the S3 store with the artifacts. */
  readonly aws?: { readonly accessKeyId: pulumi.Input<string>; readonly secretAccessKey: pulumi.Input<string> };
}

/** Describes an MLflow server: network, volume and container. This machine can reach it once it is healthy. */
export function mlflowContainer(
  name: string,
  { mlflow, stack, settings, build, kept, aws }: MlflowContainerOptions,
  opts: pulumi.CustomResourceOptions,
): MlflowServer {
  const network = new docker.Network(`${name}-network`, { driver: "bridge" }, opts);
  const volume = dataVolume(`${name}-data`, { mlflow, stack, settings, kept }, opts);
  const server = new docker.Container(
    `${name}-server`,
    {
      ...confined({ tmpMb: 256, memoryMb: MEMORY_MB, cpus: CPUS }),
      image: mlflowImage(name, { mlflow, stack, build, kept }, opts),
      command: ["mlflow", "server", "--workers", "1", "--serve-artifacts"],
      envs: mlflowEnvironment(mlflow, aws),
      user: "0:0",
      networksAdvanced: [{ name: network.name }],
      ports: [{ internal: PORT, external: mlflow.port, ip: mlflow.address }],
      volumes: [{ volumeName: volume, containerPath: DATA }],
      healthcheck: {
        tests: [
          "CMD",
          "python",
          "-c",
          `import urllib.request as r; r.urlopen("http://127.0.0.1:${PORT}/health", timeout=3)`,
        ],
        // In the engine's own notation: it reports "60s" as "1m0s", which would look like a change at every refresh.
        interval: "5s",
        timeout: "5s",
        startPeriod: "1m0s",
        retries: 6,
      },
      wait: true,
      waitTimeout: START_SECONDS,
      destroyGraceSeconds: 15,
      labels: labels({ role: "mlflow", ...kept.labels }),
    },
    // Two containers cannot share a port or a SQLite file.
    { ...opts, deleteBeforeReplace: true },
  );
  const port = server.ports.apply((ports) => ports?.[0]?.external ?? mlflow.port);
  const base = `http://${reachableHost(mlflow.address)}`;
  return { trackingUri: pulumi.interpolate`${base}:${port}`, url: `${base}:${mlflow.port}` };
}

/** Settings are variables, not arguments: a database URL contains a password, and arguments are visible to every user. */
function mlflowEnvironment(mlflow: Settings["mlflow"], aws: MlflowContainerOptions["aws"]): pulumi.Input<string>[] {
  const names = new Set(["localhost", "127.0.0.1", reachableHost(mlflow.address), ...mlflow.allowedHosts]);
  const hosts = [...names].flatMap((host) => [host, `${host}:${mlflow.port}`]);
  const store = mlflow.backendStoreUri ? pulumi.secret(mlflow.backendStoreUri) : `sqlite:///${DATA}/mlflow.db`;
  return [
    "MLFLOW_HOST=0.0.0.0",
    `MLFLOW_PORT=${PORT}`,
    pulumi.interpolate`MLFLOW_BACKEND_STORE_URI=${store}`,
    `MLFLOW_ARTIFACTS_DESTINATION=${mlflow.artifactRoot ?? `${DATA}/artifacts`}`,
    `MLFLOW_SERVER_ALLOWED_HOSTS=${hosts.join(",")}`,
    "MLFLOW_DISABLE_TELEMETRY=true",
    "DO_NOT_TRACK=true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false",
    "HOME=/tmp",
    ...(mlflow.s3Endpoint ? [`MLFLOW_S3_ENDPOINT_URL=${mlflow.s3Endpoint}`] : []),
    ...(aws
      ? [
          pulumi.interpolate`AWS_ACCESS_KEY_ID=${aws.accessKeyId}`,
          pulumi.interpolate`AWS_SECRET_ACCESS_KEY=${aws.secretAccessKey}`,
        ]
      : []),
  ];
}

/** Loopback host for a port that is published on every address. */
const LOOPBACK: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** Returns the URL host by which this machine reaches a port published on an address. */
export function reachableHost(address: string): string {
  const host = LOOPBACK[address] ?? address;
  return isIPv6(host) ? `[${host}]` : host;
}
