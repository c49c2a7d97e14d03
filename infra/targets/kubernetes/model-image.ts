import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings.ts";
import type { assembleContext } from "../docker/image-context.ts";
import type { Target } from "../target.ts";
import type { TargetSecrets } from "../target-secrets.ts";
import type { KubernetesSettings } from "./kubernetes-settings.ts";

export interface ImageWork {
  readonly assemble?: typeof assembleContext;
  /** Rejects if no Docker engine responds; if absent, the provider reports that. */
  readonly engine?: (host: string | undefined) => Promise<unknown>;
}

/**
 * Returns the image of a model version. Production uses only the one that staging verified. Staging uses one that was built
 * elsewhere, or builds and pushes one with target docker's code, which is loaded only then.
 * @throws RunError if staging must build one and there is no repository or no Docker engine
 */
export async function modelImages(
  settings: Pick<Settings, "environment" | "image" | "docker">,
  { image: given }: KubernetesSettings,
  { imageRegistry }: TargetSecrets,
  { assemble, engine }: ImageWork = {},
): Promise<Target["modelPackage"]> {
  if (settings.environment === "production")
    return (_name, { provedImage }) => {
      if (provedImage === undefined)
        throw new Error("production requires the image that staging verified, but got none");
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
  return imageBuilder(image, docker, imageRegistry, assemble);
}
