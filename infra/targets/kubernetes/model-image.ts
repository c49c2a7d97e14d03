import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings.ts";
import type { assembleContext } from "../docker/image-context.ts";
import type { Target } from "../target.ts";
import type { KubernetesSettings } from "./kubernetes-settings.ts";

export interface ImageWork {
  readonly assemble?: typeof assembleContext;
  /** Fails where no Docker engine answers; without it that is left to the provider. */
  readonly engine?: (host: string | undefined) => Promise<unknown>;
}

/**
 * Where the image of a model version comes from. Production: the one that staging verified, and no other. Staging: one that was built
 * elsewhere, or one that is built and pushed by the same code as with target docker, which is loaded only then.
 * @throws RunError when staging is to build one and there is no place to push it to, or no Docker engine
 */
export async function modelImages(
  settings: Settings,
  { image: given }: KubernetesSettings,
  { assemble, engine }: ImageWork = {},
): Promise<Target["modelPackage"]> {
  if (settings.environment === "production")
    return (_name, { provedImage }) => {
      if (provedImage === undefined)
        throw new Error("production deploys an image that staging verified: none was given");
      return { reference: pulumi.output(provedImage) };
    };
  if (given) return () => ({ reference: pulumi.output(given) });
  const { image, docker } = settings;
  if (!image.repository)
    throw new pulumi.RunError(
      "image.repository is missing: a cluster pulls images from a registry. " +
        "Set it with: pulumi config set --path image.repository <account>/<name>, or name an image that was built elsewhere: kubernetes.image",
    );
  await engine?.(docker.host).catch((cause: Error) => {
    throw new pulumi.RunError(
      `staging builds an image, but ${cause.message}. Or set kubernetes.image to one that was built elsewhere`,
    );
  });
  const { imageBuilder } = await import("./image-builder.ts");
  return imageBuilder(image, docker, assemble);
}
