import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { ownFile } from "../../../dynamic/own-package.ts";
import type { Settings } from "../../settings.ts";
import type { ImageSettings } from "./docker-settings.ts";
import type { KeptContainer } from "./kept-containers.ts";

export interface MlflowImageOptions {
  readonly mlflow: Settings["mlflow"];
  /** `<project>/<stack>`. */
  readonly stack: string;
  /** Network of the build, as for the model's image. */
  readonly build: Pick<ImageSettings, "platform" | "buildNetwork">;
  readonly kept: KeptContainer;
}

const BY_DIGEST = /(^|@)sha256:[0-9a-f]{64}$/;

/**
 * Returns the MLflow server's image, always by digest: built here, given by digest in config, or resolved from a tag when it is first pulled. The state keeps the
 * digest, so a moved tag changes nothing.
 */
export function mlflowImage(
  name: string,
  options: MlflowImageOptions,
  opts: pulumi.CustomResourceOptions,
): pulumi.Input<string> {
  const { image } = options.mlflow;
  if (image === "build") return ownImage(name, options, opts);
  // A server that an earlier release started by its tag keeps running.
  if (BY_DIGEST.test(image) || image === options.kept.image) return image;
  const pulled = new docker.RemoteImage(`${name}-image`, { name: image, keepLocally: true }, opts);
  // An image built on this machine is not in any registry.
  return pulumi.all([pulled.repoDigest, pulled.imageId]).apply(([digest, id]) => digest || id);
}

/** Builds an image from the same pinned requirements as the local target's server, with drivers for Postgres and S3. */
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
        context: ownFile("infra/targets"),
        dockerfile: ownFile("infra/targets/docker/mlflow.Dockerfile"),
        args: { PYTHON_IMAGE: mlflow.base },
        builderVersion: "BuilderBuildKit",
        platform,
        ...(buildNetwork && { network: buildNetwork }),
      },
      buildOnPreview: false,
      skipPush: true,
    },
    // Stacks of earlier releases share one name and keep it.
    { ...opts, ignoreChanges: ["imageName"] },
  );
  return image.repoDigest;
}

/** Converts a stack's name to Docker's format: lower case, digits, single dashes. */
const localName = (stack: string) =>
  stack
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
