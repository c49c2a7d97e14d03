import type { EnvironmentName } from "./evidence.ts";
import type { ModelVersion } from "./model-versions.ts";

/** Tag that names the image in which an environment has proved a version. */
export const imageTag = (environment: EnvironmentName) => `${environment}.image`;

const DIGEST = /@sha256:[0-9a-f]{64}$/;

/** The image in which staging has proved the version, by its registry's digest; or why there is none that can be promoted. */
export function readProvedImage({ tags }: ModelVersion): { readonly image: string } | { readonly refusal: string } {
  const image = tags[imageTag("staging")];
  if (image === undefined || image === "none")
    return { refusal: "staging proved it in no image: let it serve in staging with target docker or kubernetes first" };
  if (DIGEST.test(image)) return { image };
  return {
    refusal:
      `staging proved it in an image that is on that machine only (${image}): say where images go and run staging again: ` +
      "pulumi config set --path image.repository <account>/<name> -s staging && pulumi up -s staging",
  };
}
