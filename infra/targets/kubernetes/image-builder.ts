import { Provider } from "@pulumi/docker/provider.js";
import type { DockerSettings, ImageSettings } from "../docker/docker-settings.ts";
import { assembleContext } from "../docker/image-context.ts";
import { builtImage } from "../docker/model-image.ts";
import type { Target } from "../target.ts";
import type { TargetSecrets } from "../target-secrets.ts";

/** Builds and pushes with a Docker engine, as target docker does, with the same digest. */
export function imageBuilder(
  settings: ImageSettings,
  { host, contextFolder }: DockerSettings,
  credentials: TargetSecrets["imageRegistry"],
  assemble = assembleContext,
): Target["modelPackage"] {
  const provider = new Provider("docker", {
    ...(host && { host }),
    ...(credentials && { registryAuth: [{ address: settings.registry, ...credentials }] }),
  });
  const build = { settings, contextFolder, assemble, ...(credentials && { credentials }) };
  return (name, args, opts) => builtImage(name, args, build, { ...opts, provider });
}
