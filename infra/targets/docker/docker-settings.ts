import { z } from "zod";
import { ABOUT_KEY } from "../../../data/issue-messages.ts";

// Digests of multi-platform indexes: tags can move, digests cannot.
const NODE_IMAGE = "node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6";
const GATEWAY_IMAGE =
  "haproxy:3.2.21-alpine3.24@sha256:66e25cc9a8332635f4e897f7f4b1e5622c25f09f0ee23cddc6ce9bdb3a24772a";

const PYTHON_IMAGE = "python:3.12-slim@sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea";

const OFFICIAL_MLFLOW = "ghcr.io/mlflow/mlflow:v3.17.2";

const imageReference = z
  .string()
  .regex(/^[a-z0-9][\w./:-]*(@sha256:[0-9a-f]{64})?$/, "must be an image, such as node:24-slim@sha256:<digest>");

/** The image that contains the model. */
export const imageSettings = z.strictObject({
  registry: z
    .string()
    .regex(/^[a-z0-9.-]+(:\d+)?$/, "must be a registry's host, such as docker.io or localhost:5000")
    .default("docker.io")
    .describe("Host of the image registry."),
  repository: z
    .string()
    .regex(/^[a-z0-9]+([._/-]+[a-z0-9]+)*$/, "must be a path in the registry, such as acme/churn-model")
    .optional()
    .describe(
      "Path in the registry, such as `acme/churn-model`. Without it, nothing is pushed and nothing can be promoted.",
    ),
  base: imageReference.default(NODE_IMAGE).describe("Base image, by digest."),
  platform: z
    .enum(["linux/amd64", "linux/arm64"], "must be linux/amd64 or linux/arm64")
    .default("linux/amd64")
    .describe("Platform of the image."),
  buildNetwork: z
    .string()
    .optional()
    .describe("Network of the build's `npm ci`: `host` if the engine's own network cannot reach npm."),
});

export type ImageSettings = z.infer<typeof imageSettings>;

/** Containers of target docker. */
export const dockerSettings = z
  .strictObject({
    host: z.string().optional().describe("Docker engine. Default: `DOCKER_HOST`, or this machine's."),
    address: z
      .union([z.ipv4(), z.ipv6()], "must be an IP address")
      .default("127.0.0.1")
      .describe("Address that the public port listens on."),
    gatewayImage: imageReference.default(GATEWAY_IMAGE).describe("Image of the proxy on the public port, by digest."),
    memoryMb: z
      .int("must be a whole number")
      .min(128, "must be at least 128")
      .default(512)
      .describe("Memory limit of an inference container, MiB."),
    cpus: z.number().positive("must be more than 0").default(1).describe("CPU limit of an inference container."),
    pids: z
      .int("must be a whole number")
      .min(32, "must be at least 32")
      .default(128)
      .describe("Maximum number of processes and threads in an inference container."),
    keepData: z
      .boolean("must be true or false")
      .optional()
      .describe("Whether MLflow's data is kept when the stack is destroyed. Default: `true`."),
    protect: z.boolean("must be true or false").optional().describe("Former name of `docker.keepData`."),
    contextFolder: z.string().min(1, "must not be empty").default(".docker").describe("Folder for build contexts."),
  })
  .refine(({ keepData, protect }) => keepData === undefined || protect === undefined || keepData === protect, {
    error: "is the former name of docker.keepData and contradicts it: remove it",
    ...ABOUT_KEY,
    path: ["protect"],
  })
  .transform(({ protect, keepData = protect ?? true, ...settings }) => ({ ...settings, keepData }));

export type DockerSettings = z.infer<typeof dockerSettings>;

/**
 * Adds the driver that works with MLflow to a URL. SQLAlchemy 2.1 uses psycopg if a URL names none; with psycopg, MLflow 3.17 fails to move a version's stage
 * (`operator does not exist: integer <> character varying`). SQLAlchemy before 2.1 used psycopg2.
 */
function withDriver(url: string): string {
  return url.replace(/^postgres(ql)?:\/\//, "postgresql+psycopg2://");
}

/** Settings of the stack's MLflow server, as a container. */
export const mlflowContainerSettings = {
  image: z
    .union([z.literal("build"), imageReference])
    .default(OFFICIAL_MLFLOW)
    .describe(
      "Image of the server. `build` builds one from the pinned requirements, with drivers for Postgres and S3, which the official image lacks.",
    ),
  base: imageReference.default(PYTHON_IMAGE).describe("Base image of `mlflow.image: build`, by digest."),
  volume: z
    .string()
    .regex(/^[a-zA-Z0-9][\w.-]+$/, "must be letters, digits, dots, dashes and underscores")
    .optional()
    .describe("Docker volume with the server's data. Default: `<project>_<stack>_mlflow-data`."),
  backendStoreUri: z
    .string()
    .transform(withDriver)
    .optional()
    .describe("URL of the server's database, a secret. Default: SQLite on the volume."),
  artifactRoot: z
    .string()
    .optional()
    .describe("Where the server keeps artifacts, such as `s3://bucket/path`. Default: the volume."),
  s3Endpoint: z
    .url({ protocol: /^https?$/, error: "must be an http or https URL" })
    .optional()
    .describe("Endpoint of an S3-compatible store other than Amazon's."),
  allowedHosts: z
    .array(z.string())
    .default([])
    .describe("Host names that the server accepts in addition to this machine's."),
  address: z
    .union([z.ipv4(), z.ipv6()], "must be an IP address")
    .default("127.0.0.1")
    .describe("Address that the server's port listens on."),
};

interface MlflowStores {
  readonly image: string;
  readonly backendStoreUri?: string | undefined;
  readonly artifactRoot?: string | undefined;
}

/** Returns why the server would not start with its image, or undefined if it would. */
export function missingDrivers({ image, backendStoreUri = "", artifactRoot = "" }: MlflowStores): string | undefined {
  const needed = [
    ...(/^(?!sqlite)[\w+]+:/.test(backendStoreUri) ? ["mlflow.backendStoreUri"] : []),
    ...(/^(?!file)[\w+]+:/.test(artifactRoot) ? ["mlflow.artifactRoot"] : []),
  ];
  // https://github.com/mlflow/mlflow/issues/9513
  if (needed.length === 0 || image !== OFFICIAL_MLFLOW) return undefined;
  return `must be build or your own image: MLflow's official image has no driver for ${needed.join(" and ")}`;
}

/** Config keys of this target's secrets. */
export const DOCKER_SECRETS = [
  "imageRegistryUsername",
  "imageRegistryPassword",
  "serviceApiToken",
  "mlflowAwsAccessKeyId",
  "mlflowAwsSecretAccessKey",
] as const;
