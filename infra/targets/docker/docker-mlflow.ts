import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings.ts";
import type { MlflowServer } from "../target.ts";
import type { DockerSettings, ImageSettings } from "./docker-settings.ts";
import { confined, labels } from "./hardening.ts";
import { KeptVolume } from "./kept-volume.ts";
import { reachableHost } from "./reachable-host.ts";
import type { Kept } from "./upkeep.ts";

const PORT = 5000;
const DATA = "/data";
const MEMORY_MB = 2048;
const CPUS = 2;
const START_SECONDS = 180;

export interface MlflowContainerOptions {
  readonly mlflow: Settings["mlflow"];
  /** `<project>/<stack>`. */
  readonly stack: string;
  readonly settings: Pick<DockerSettings, "keepData" | "host">;
  /** Of the image, where it is built here: the same as of the model's. */
  readonly build: Pick<ImageSettings, "platform" | "buildNetwork">;
  readonly kept: Kept;
  /** Of an S3 that holds the artifacts. */
  readonly aws?: { readonly accessKeyId: pulumi.Input<string>; readonly secretAccessKey: pulumi.Input<string> };
}

/** An MLflow server: network, volume, container. Reached by this machine once it is healthy. */
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
      image: mlflow.image === "build" ? ownImage(name, mlflow.base, build, opts) : mlflow.image,
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
        // As the engine tells them: "60s" would come back as another text, and change the container at every refresh.
        ...{ interval: "5s", timeout: "5s", startPeriod: "1m0s", retries: 6 },
      },
      wait: true,
      waitTimeout: START_SECONDS,
      destroyGraceSeconds: 15,
      labels: labels({ role: "mlflow", ...kept.labels }),
    },
    // Two containers cannot hold one port, nor one SQLite file.
    { ...opts, deleteBeforeReplace: true },
  );
  const port = server.ports.apply((ports) => ports?.[0]?.external ?? mlflow.port);
  const base = `http://${reachableHost(mlflow.address)}`;
  return { trackingUri: pulumi.interpolate`${base}:${port}`, url: `${base}:${mlflow.port}` };
}

/**
 * The volume with the registry's data. It is never replaced, whatever changes, and a destroy of the stack keeps it: the next update finds it by its name.
 * One of an earlier release, whose name ends in random digits, stays.
 */
function dataVolume(
  name: string,
  { mlflow, stack, kept, settings: { keepData, host } }: Omit<MlflowContainerOptions, "build" | "aws">,
  { provider, ...opts }: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const next = mlflow.volume ?? `${stack.replace("/", "_")}_${name}`;
  const volume = new docker.Volume(
    name,
    // A replacement that is asked for (--replace, taint) does not ignore the name: it has to be the one that is in use.
    { name: mlflow.volume ?? kept.volume ?? next, labels: labels({ role: "mlflow-data", stack }) },
    {
      ...opts,
      ...(provider && { provider }),
      retainOnDelete: true,
      // Each of them would replace it.
      ignoreChanges: ["name", "labels", "driver", "driverOpts"],
    },
  );
  const inUse = volume.name.apply((actual) => mlflow.volume ?? actual);
  return new KeptVolume(
    `${name}-kept`,
    { volume: inUse, next, port: mlflow.port, keep: keepData, ...(host && { host }) },
    opts,
  ).volume;
}

/** Settings by environment, not by arguments: a database's URL holds a password, and arguments are seen by everyone. */
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

/** Of the same pinned requirements as the local target's server, with drivers for Postgres and S3. */
function ownImage(
  name: string,
  base: string,
  { platform, buildNetwork }: MlflowContainerOptions["build"],
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const image = new docker.Image(
    `${name}-image`,
    {
      imageName: "model-promotion-mlflow:local",
      build: {
        context: "infra/targets",
        dockerfile: "infra/targets/docker/mlflow.Dockerfile",
        args: { PYTHON_IMAGE: base },
        builderVersion: "BuilderBuildKit",
        platform,
        ...(buildNetwork && { network: buildNetwork }),
      },
      buildOnPreview: false,
      skipPush: true,
    },
    opts,
  );
  return image.repoDigest;
}
