import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { RegistryAccess } from "../../../registry/mlflow-client.ts";
import type { ModelPackage, ModelPackageArgs } from "../target.ts";
import type { ImageSettings } from "./docker-settings.ts";
import type { assembleContext } from "./image-context.ts";
import { BUILD_ARGS } from "./image-plan.ts";

export interface ImageBuild {
  readonly settings: ImageSettings;
  /** Folder for build contexts. */
  readonly contextFolder: string;
  readonly assemble: typeof assembleContext;
  /** Credentials for the push. */
  readonly credentials?: { readonly username: pulumi.Input<string>; readonly password: pulumi.Input<string> };
}

/** Staging: builds an image with the approved files, and pushes it if a repository is set. */
export function builtImage(
  name: string,
  { registry, model, gatePublicKey }: ModelPackageArgs,
  { settings, contextFolder, assemble, credentials }: ImageBuild,
  opts: pulumi.CustomResourceOptions,
): ModelPackage {
  const context = pulumi.unsecret(
    pulumi.all([registry, model.name, model.version, model.sha256]).apply(([access, modelName, version, sha256]) =>
      assemble({
        registry: access as RegistryAccess,
        modelName,
        version,
        sha256,
        settings,
        folder: contextFolder,
        gatePublicKey,
      }),
    ),
  );
  const { platform, buildNetwork, repository, registry: server } = settings;
  const image = new docker.Image(
    `${name}-image`,
    {
      imageName: context.name,
      build: {
        context: context.path,
        dockerfile: context.apply(({ path }) => `${path}/Dockerfile`),
        args: Object.fromEntries(BUILD_ARGS.map((name) => [name, context.args[name]])),
        builderVersion: "BuilderBuildKit",
        platform,
        ...(buildNetwork && { network: buildNetwork }),
      },
      buildOnPreview: false,
      skipPush: !repository,
      ...(repository && { registry: { server, ...credentials } }),
    },
    opts,
  );
  return { reference: image.repoDigest, dependencies: context.dependencies };
}

/** Production: pulls exactly the image that staging verified. It cannot build one. */
export function provedImage(
  name: string,
  image: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): ModelPackage {
  // Other containers may use the image, so it is kept.
  const pulled = new docker.RemoteImage(`${name}-image`, { name: image, keepLocally: true }, opts);
  return { reference: pulled.name };
}
