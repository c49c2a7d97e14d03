import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings.ts";
import type { ImageSettings } from "./docker-settings.ts";
import type { Kept } from "./upkeep.ts";

export interface MlflowImageOptions {
  readonly mlflow: Settings["mlflow"];
  /** `<project>/<stack>`. */
  readonly stack: string;
  /** Of the image, where it is built here: the same as of the model's. */
  readonly build: Pick<ImageSettings, "platform" | "buildNetwork">;
  readonly kept: Kept;
}

const BY_DIGEST = /(^|@)sha256:[0-9a-f]{64}$/;

/**
 * Image of MLflow's server, always by digest: one that is built here, one that config names by digest, or what a tag means when it is first pulled. The
 * state keeps that, so a tag that moves changes nothing.
 */
export function mlflowImage(
  name: string,
  options: MlflowImageOptions,
  opts: pulumi.CustomResourceOptions,
): pulumi.Input<string> {
  const { image } = options.mlflow;
  if (image === "build") return ownImage(name, options, opts);
  // A server that an earlier release started by its tag goes on running.
  if (BY_DIGEST.test(image) || image === options.kept.image) return image;
  const pulled = new docker.RemoteImage(`${name}-image`, { name: image, keepLocally: true }, opts);
  // One that was built on this machine is in no registry.
  return pulumi.all([pulled.repoDigest, pulled.imageId]).apply(([digest, id]) => digest || id);
}

/** Of the same pinned requirements as the local target's server, with drivers for Postgres and S3. */
function ownImage(
  name: string,
  { mlflow, stack, build: { platform, buildNetwork } }: MlflowImageOptions,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const image = new docker.Image(
    `${name}-image`,
    {
      imageName: `${localName(stack)}-mlflow:local`,
      build: {
        context: "infra/targets",
        dockerfile: "infra/targets/docker/mlflow.Dockerfile",
        args: { PYTHON_IMAGE: mlflow.base },
        builderVersion: "BuilderBuildKit",
        platform,
        ...(buildNetwork && { network: buildNetwork }),
      },
      buildOnPreview: false,
      skipPush: true,
    },
    // Stacks of earlier releases share one name, and keep it.
    { ...opts, ignoreChanges: ["imageName"] },
  );
  return image.repoDigest;
}

/** As Docker takes it: small letters, digits, single dashes. */
const localName = (stack: string) =>
  stack
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
