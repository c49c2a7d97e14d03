import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings.ts";
import type { ModelPackage, ModelPackageArgs } from "../target.ts";
import type { KubernetesSettings } from "./kubernetes-settings.ts";

/** The image that a cluster pulls: by digest, from a registry. */
export function modelImage(
  _name: string,
  _args: ModelPackageArgs,
  _settings: Settings,
  { image }: KubernetesSettings,
  _opts: pulumi.CustomResourceOptions,
): ModelPackage {
  if (image) return { reference: pulumi.output(image) };
  throw new pulumi.RunError(
    "kubernetes.image is missing: name the image with service and model by digest. " +
      "Set it with: pulumi config set --path kubernetes.image <registry/name@sha256:...>",
  );
}
